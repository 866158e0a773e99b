"""The references from docs/reliability.md to tests."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/reliability.md").read_text()
NAMED = set(re.findall(r"(tests/[\w/]+\.py)::(\w+)", DOCUMENT))


def names_in(file: Path) -> set[str]:
    return set(re.findall(r"^def (test_\w+)\(", file.read_text(), re.MULTILINE))


def test_every_test_that_reliability_md_names_exists() -> None:
    assert NAMED
    missing = [f"{path}::{name}" for path, name in NAMED if name not in names_in(ROOT / path)]
    assert not missing


def test_every_reliability_test_is_named_in_reliability_md() -> None:
    files = set(Path(__file__).parent.glob("test_*.py")) - {Path(__file__)}
    there = {(str(f.relative_to(ROOT)), name) for f in files for name in names_in(f)}
    assert there <= NAMED
