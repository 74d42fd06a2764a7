"""Takes a picture of every page and state: `python -m tests.browser.screens FOLDER [SCENE ...]`.

Each at the width of a phone and of a desk, in light and dark. Not a test: somebody looks at them.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.people import browsing
from tests.browser.scenes import SCENES, THEMES, WIDTHS, Places, adjust, staged


def main(folder: Path, *names: str) -> None:
    """Four pictures of each scene, of all if none is named."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        staged(Path(data)) as places,
        sync_playwright() as playwright,
        browsing(playwright) as browser,
    ):
        for name in names or SCENES:
            take(browser, places, folder, name)


def take(browser, places: Places, folder: Path, name: str) -> None:
    """The pictures of one scene."""
    scene = SCENES[name]
    for width, height in WIDTHS.items():
        window = {"width": width, "height": height}
        person = places.visitor(browser, scene, viewport=window, device_scale_factor=2)
        scene.play(person, places)
        for theme in THEMES:
            adjust(person, theme, width)
            person.page.wait_for_timeout(250)  # menus and photos fade in
            person.page.screenshot(path=folder / f"{name}-{width}-{theme}.png")
        person.context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
