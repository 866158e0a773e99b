"""Make first-hour-*.png, the pictures of docs/development.md: run `make first-hour-images`.

It needs Chromium, which `tests/support/browser.py` installs.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, expect, sync_playwright

from tests.dev.first_hour import INSTALL, first_hour, install, show_text
from tests.support.browser import ARGUMENTS, executable
from tests.support.waiting import TIMEOUT

FOLDER = Path(__file__).parent


def show(name: str, page: Page) -> None:
    """Take the picture of a step."""
    page.screenshot(path=FOLDER / f"first-hour-{name}.png")


def main() -> None:
    """Walk through the first hour."""
    expect.set_options(timeout=1000 * TIMEOUT)
    with TemporaryDirectory(prefix="jobgen-") as folder, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        commands, lines = install(Path(folder))
        show_text(chromium, show, INSTALL, lines)
        with first_hour(Path(folder), chromium, show, commands) as hour:
            hour.walk()
        chromium.close()


if __name__ == "__main__":
    main()
