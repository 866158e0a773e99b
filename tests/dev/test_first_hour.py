"""A newcomer's first hour works as docs/development.md shows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.dev.first_hour import INSTALL, first_hour
from tests.support.browser import ARGUMENTS, executable
from tests.support.waiting import TIMEOUT

DOCUMENT = Path(__file__).parents[2] / "docs/development.md"

pytestmark = pytest.mark.xdist_group("browser")


def test_first_hour_is_as_the_document_shows_it(tmp_path: Path) -> None:
    path = executable()
    shown: list[str] = []
    expect.set_options(timeout=1000 * TIMEOUT)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        with first_hour(tmp_path, chromium, lambda name, _: shown.append(name)) as hour:
            hour.walk()
        chromium.close()
    assert [INSTALL, *shown] == re.findall(r"\(images/first-hour-(.+)\.png\)", DOCUMENT.read_text())
