"""A newcomer's first hour works as docs/development.md shows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.dev.first_hour import INSTALL, first_hour
from tests.support.browser import launched

DOCUMENT = Path(__file__).parents[2] / "docs/development.md"

pytestmark = pytest.mark.xdist_group("browser")


def test_first_hour_is_as_the_document_shows_it(tmp_path: Path) -> None:
    shown: list[str] = []
    with (
        launched() as chromium,
        first_hour(tmp_path, chromium, lambda name, _: shown.append(name)) as hour,
    ):
        hour.walk()
    assert [INSTALL, *shown] == re.findall(r"\(images/first-hour-(.+)\.png\)", DOCUMENT.read_text())
