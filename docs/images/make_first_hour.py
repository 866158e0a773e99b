"""Make first-hour-*.png, the pictures of docs/development.md: run `make first-hour-images`.

It needs Chromium, which `tests/support/browser.py` installs.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page

from tests.dev.first_hour import INSTALL, first_hour, install, show_text
from tests.support.browser import launched

FOLDER = Path(__file__).parent


def show(name: str, page: Page) -> None:
    """Take the picture of a step."""
    page.screenshot(path=FOLDER / f"first-hour-{name}.png")


def main() -> None:
    """Walk through the first hour."""
    with TemporaryDirectory(prefix="jobgen-") as folder, launched() as chromium:
        commands, lines = install(Path(folder))
        show_text(chromium, show, INSTALL, lines)
        with first_hour(Path(folder), chromium, show, commands) as hour:
            hour.walk()


if __name__ == "__main__":
    main()
