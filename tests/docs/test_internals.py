"""The pages of docs/internals name modules that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs/internals").glob("*.md"))
FOLDER = re.compile(r"relative to `([^`]+)`")
MODULE = re.compile(r"`([a-z_]+(?:/[a-z_]+)*\.py)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_modules_that_a_page_names_exist(page: Path) -> None:
    text = page.read_text()
    match = FOLDER.search(text)
    folders = [ROOT, ROOT / match[1]] if match else [ROOT]
    missing = [
        name
        for name in MODULE.findall(text)
        if not any((folder / name).is_file() for folder in folders)
    ]
    assert missing == []


def test_walks_of_the_worker_and_the_generator_name_their_modules() -> None:
    for name in ("worker", "generator"):
        text = (ROOT / f"docs/internals/{name}.md").read_text()
        steps = [line for line in text.splitlines() if re.match(r"\| \d+ \| `", line)]
        assert 8 <= len(steps) <= 12
        assert all(MODULE.search(step) for step in steps)
