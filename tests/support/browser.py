"""Chromium for the tests of pages: found on this machine, or installed.

`python tests/support/browser.py` installs it if it is missing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""What Chromium is started with: no sandbox, because tests run as root, and no other traffic."""

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def executable() -> str:
    """Return the path of the browser to run, or skip the test if there is none."""
    import pytest

    path = _find()
    if path is None:
        pytest.skip("needs Chromium: run `python tests/support/browser.py`")
    return path


@contextmanager
def launched() -> Iterator[Browser]:
    """Run Chromium, with patient expectations; skip the test if there is none."""
    from playwright.sync_api import expect, sync_playwright

    from tests.support.waiting import TIMEOUT

    path = executable()
    expect.set_options(timeout=1000 * TIMEOUT)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


def _find() -> str | None:
    """Return the path of the browser on the PATH, else of the one that Playwright downloaded."""
    installed = next((path for name in NAMES if (path := shutil.which(name))), None)
    return installed or _playwright_executable()


def _playwright_executable() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Install Chromium if it is missing: Debian's as root, else Playwright's."""
    if _find():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (["update"], ["install", "--yes", "chromium"]):
            subprocess.run(
                ["apt-get", "-qq", *arguments],
                check=True,
                env=environment,
                stdout=subprocess.DEVNULL,
            )
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


if __name__ == "__main__":
    install()
