"""The examples have the files that `jobgen init` writes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jobgen.apply import apply_plan
from jobgen.generate import init
from tests.support.example import EXAMPLES

WRITTEN_BY_INIT = ("AGENTS.md", "Makefile")
"""Files that a user need not change."""


@pytest.mark.parametrize("name", ["fastapi_heroes", "flask_notes"])
def test_example_has_the_files_that_init_writes(tmp_path: Path, name: str) -> None:
    root = tmp_path / name
    shutil.copytree(EXAMPLES / name, root, ignore=shutil.ignore_patterns(".jobgen"))
    for path in WRITTEN_BY_INIT:
        (root / path).unlink()
    plan = init.make_plan(root)
    apply_plan(root, plan)
    assert sorted(str(change.path) for change in plan.changes) == sorted(WRITTEN_BY_INIT)
    for path in WRITTEN_BY_INIT:
        assert (root / path).read_text() == (EXAMPLES / name / path).read_text()
