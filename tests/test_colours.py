"""The colours that owners choose from keep their contrast (WCAG 2.2, 1.4.3), light and dark."""

import math
import re

from parley.settings import ROOT
from parley.talk import spaces

CSS = (ROOT / "static" / "parley.css").read_text()
OKLCH = r"oklch\(([\d.]+) ([\d.]+) (?:var\(--hue\)|([\d.]+))\)"


def hues() -> dict[str, float]:
    """The hue of each accent; pine is the one without a rule."""
    own = re.findall(r"\[data-accent=(\w+)\] \{ --hue: (\d+)", CSS)
    return {"pine": float(re.search(r"--hue: (\d+)", CSS)[1])} | {n: float(h) for n, h in own}


def shades(token: str, hue: float) -> list[float]:
    """The luminance of a token in light and in dark."""
    line = re.search(rf"--{token}:\s*light-dark\({OKLCH},\s*{OKLCH}\)", CSS)
    assert line, token
    found = [line.groups()[:3], line.groups()[3:]]
    return [luminance(float(l), float(c), float(h or hue)) for l, c, h in found]  # noqa: E741


def luminance(lightness: float, chroma: float, hue: float) -> float:
    """Of a colour in OKLCH (CSS Color 4, by way of linear sRGB, clipped)."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    red, green, blue = (min(max(part, 0.0), 1.0) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def test_every_accent_of_the_settings_is_in_the_stylesheet_and_nothing_else():
    assert set(hues()) == set(spaces.ACCENTS)


def test_words_in_and_on_every_accent_can_be_read():
    for name, hue in hues().items():
        accent = shades("accent", hue)
        for token in ("ground", "sheet", "raised", "tint", "on-accent"):
            for surface, shade in zip(shades(token, hue), accent, strict=True):
                assert contrast(surface, shade) >= 4.5, f"{name} and {token}"
    assert contrast(1.0, 0.0) == 21


def test_code_can_be_read_in_all_its_colours():
    kinds = ("ink", "soft", "danger", "code-word", "code-text", "code-number", "code-name")
    slate = shades("slate", 0)
    for kind in kinds:
        for surface, shade in zip(slate, shades(kind, 0), strict=True):
            assert contrast(surface, shade) >= 4.5, kind
