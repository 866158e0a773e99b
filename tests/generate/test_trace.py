"""The column `traceparent`, with `jobgen job --trace`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobgen.check.files import check_files, paths_to_check
from jobgen.errors import ExitCode
from jobgen.generate.arguments import parse_arguments
from jobgen.generate.inputs import schema_reader
from jobgen.generate.table import find_generator
from jobgen.plan.conflicts import exit_code
from jobgen.project import find_project, read_snapshot
from tests.generate.projects import after, apply, column, destroy_job, job, messages
from tests.support.tree import SHOP, read_tree, write_tree

SCHEMA = "Application/Schema.sql"
TYPES = "Generated/Types.py"
FLAG = "        has_traceparent=True,\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "shop", SHOP)


def findings(root: Path) -> list[str]:
    project = find_project(root)
    check = check_files(read_snapshot(project, paths_to_check(project)), schema_reader(project))
    return [finding.message for finding in check.findings]


def test_flag_adds_a_column_that_nothing_has_to_fill(root: Path) -> None:
    before = read_tree(root)
    plan = apply(root, job(root, "Scan", "pages:int", trace=True))
    assert "    pages INT NOT NULL,\n    traceparent TEXT DEFAULT NULL\n);" in after(plan, SCHEMA)
    assert "        traceparent: str | None\n" in after(plan, TYPES)
    assert FLAG in after(plan, TYPES)
    assert 'required=("pages",)' in after(plan, TYPES)
    assert not findings(root)
    assert not job(root, "Scan", "pages:int", trace=True).pending
    apply(root, destroy_job(root, "Scan"))
    assert "scan_jobs" not in (root / SCHEMA).read_text()
    assert read_tree(root).keys() >= before.keys()


def test_flag_on_a_job_without_the_column_names_the_command_that_adds_it(root: Path) -> None:
    apply(root, job(root, "Scan"))
    said = messages(job(root, "Scan", trace=True))
    assert "jobgen column scan_jobs 'traceparent:text?'" in said
    apply(root, column(root, "Scan", "traceparent:text?"))
    assert not job(root, "Scan", trace=True).pending


def test_column_of_another_type_is_the_users_own(root: Path) -> None:
    for number, definition in enumerate(
        ("traceparent:int?", "traceparent:text", "traceparent:varchar?", "traceparents:text?")
    ):
        plan = apply(root, job(root, f"Other{number}", definition))
        assert FLAG not in after(plan, TYPES)
    apply(root, column(root, "bands", "traceparent:text?"))
    assert FLAG not in (root / TYPES).read_text()


def test_flag_together_with_a_column_of_that_name_is_refused(root: Path) -> None:
    plan = job(root, "Scan", "traceparent:int", trace=True)
    assert exit_code(plan) is ExitCode.USAGE
    assert "The column traceparent is given twice." in messages(plan)


def test_flag_is_a_boolean_for_tools(root: Path) -> None:
    generator = find_generator("job")
    assert generator is not None
    arguments = parse_arguments(generator, {"name": "Scan", "trace": True})
    assert generator.command_line(arguments) == "jobgen job Scan --trace"
    schema: Any = generator.schema(find_project(root))
    assert schema["properties"]["trace"]["type"] == "boolean"
