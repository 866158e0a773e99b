"""Chromium for the tests of pages: found on this machine, or else installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def installed() -> str | None:
    """The path of the browser that this machine has on its PATH."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def playwright_executable() -> str | None:
    """The path of the browser that Playwright downloaded, where it has."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def executable() -> str:
    """The browser to run: an installed one, else Playwright's."""
    path = installed() or playwright_executable()
    if path is None:
        raise RuntimeError("no Chromium on this machine: run `python tests/support/browser.py`")
    return path


def install() -> None:
    """Install Chromium: Debian's as root, else Playwright's own."""
    if installed() or playwright_executable():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (["update", "-qq"], ["install", "-y", "-qq", "chromium"]):
            subprocess.run(
                ["apt-get", *arguments], check=True, env=environment, stdout=subprocess.DEVNULL
            )
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


if __name__ == "__main__":
    install()
