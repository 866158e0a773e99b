"""Chromium for the tests of pages: found on this machine, or installed.

`python tests/support/browser.py` installs it if it is missing. The build without a user interface,
which Playwright uses too, takes half of the processor time of the whole browser for the same pages.
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

SHELL = "chromium-headless-shell"
"""Debian's package of the build without a user interface, and its program."""

NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


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
    """Install Chromium if it is missing: Debian's as root, else Playwright's.

    Debian 12 and later have the build without a user interface, also where the whole browser is
    installed already.
    """
    if shutil.which(SHELL):
        return
    found = _find()
    if os.geteuid() == 0 and shutil.which("apt-get"):
        if not found:
            _apt_get("update")
        if _is_in_debian(SHELL):
            _apt_get("update")
            _apt_get("install", "--yes", SHELL)
        elif not found:
            _apt_get("install", "--yes", "chromium")
    elif not found:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def _is_in_debian(package: str) -> bool:
    show = ("apt-cache", "show", package)
    return subprocess.run(show, capture_output=True, check=False).returncode == 0


def _apt_get(*arguments: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-qq", *arguments]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    install()
