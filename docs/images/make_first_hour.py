"""Make first-hour-*.png, the pictures of docs/development.md: run `make first-hour-images`.

It needs Chromium, which `tests/support/browser.py` installs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page

from tests.dev.first_hour import INSTALL, first_hour, install
from tests.support.browser import launched

FOLDER = Path(__file__).parent

_TERMINAL = """
<!DOCTYPE html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 20px 24px; background: #12151b; color: #e6e9ef; }}
pre {{ margin: 0; font: 14px/1.5 "DejaVu Sans Mono", monospace; white-space: pre-wrap; }}
</style><pre>{}</pre>
"""


def take_picture(browser: Browser, name: str, shown: Page | Sequence[str]) -> None:
    """Take the picture of a step, which shows a page or the lines of a terminal."""
    path = FOLDER / f"first-hour-{name}.png"
    if isinstance(shown, Page):
        shown.screenshot(path=path)
        return
    page = browser.new_page()
    page.set_viewport_size({"width": 1000, "height": 420})
    page.set_content(_TERMINAL.format(escape("\n".join(shown))))
    page.screenshot(path=path)
    page.close()


def main() -> None:
    """Walk through the first hour."""
    with TemporaryDirectory(prefix="jobgen-") as folder, launched() as chromium:
        show = partial(take_picture, chromium)
        commands, lines = install(Path(folder))
        show(INSTALL, lines)
        with first_hour(Path(folder), chromium, show, commands) as hour:
            hour.walk()


if __name__ == "__main__":
    main()
