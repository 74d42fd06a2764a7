"""Compile every template, for `just check`; say which cannot be."""

import sys
import tempfile
from pathlib import Path

from jinja2 import TemplateSyntaxError

from parley import create_app
from parley.settings import Settings


def main() -> int:
    """The number of templates that do not compile."""
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        env = create_app(Settings(data=Path(folder))).jinja_env
        for name in env.list_templates():
            try:
                env.get_template(name)
            except TemplateSyntaxError as error:
                print(f"templates/{name}:{error.lineno}: {error.message}", file=sys.stderr)
                wrong += 1
    return wrong


if __name__ == "__main__":
    sys.exit(main())
