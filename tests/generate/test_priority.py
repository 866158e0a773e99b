"""The column `priority`: with `jobgen job --priority`, or added to a job that is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from jobgen.apply import last_receipt
from jobgen.check.files import check_files, paths_to_check
from jobgen.errors import ExitCode, UsageError
from jobgen.generate.arguments import parse_arguments
from jobgen.generate.inputs import schema_reader
from jobgen.generate.table import find_generator
from jobgen.generate.undo import plan_reversal
from jobgen.ide.form import form_fields, read_arguments
from jobgen.ide.parameters import Parameters
from jobgen.plan.conflicts import exit_code
from jobgen.project import find_project, read_snapshot
from tests.generate.projects import after, apply, column, destroy_job, job, messages, types
from tests.support.tree import SHOP, read_tree, write_tree

SCHEMA = "Application/Schema.sql"
TYPES = "Generated/Types.py"
COLUMN = "priority SMALLINT DEFAULT 0 NOT NULL"
INDEX = (
    "CREATE INDEX scan_jobs_priority ON scan_jobs (priority DESC, run_at, id)"
    " WHERE status IN ('job_status_not_started', 'job_status_retry');"
)
FLAG = "        has_priority=True,\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "shop", SHOP)


def findings(root: Path) -> list[str]:
    project = find_project(root)
    check = check_files(read_snapshot(project, paths_to_check(project)), schema_reader(project))
    return [finding.message for finding in check.findings]


def test_flag_adds_the_column_its_index_and_the_mark_of_the_record(
    root: Path, runtime_database: str
) -> None:
    before = read_tree(root)
    plan = apply(root, job(root, "Scan", "pages:int", priority=True))
    assert f"    pages INT NOT NULL,\n    {COLUMN}\n);" in after(plan, SCHEMA)
    assert INDEX in after(plan, SCHEMA)
    assert FLAG in after(plan, TYPES)
    assert "    priority: int\n" in after(plan, TYPES)
    with psycopg.connect(runtime_database) as conn, conn.transaction(force_rollback=True):
        conn.execute(after(plan, SCHEMA).encode())
        conn.execute("INSERT INTO scan_jobs (pages, priority) VALUES (1, -32768)")
    assert not findings(root)
    assert not job(root, "Scan", "pages:int", priority=True).pending
    assert not job(root, "Scan", "pages:int", "priority:smallint=0").pending
    apply(root, destroy_job(root, "Scan"))
    assert "scan_jobs" not in (root / SCHEMA).read_text()
    assert read_tree(root).keys() >= before.keys()


def test_column_added_to_a_job_gets_its_index_and_undo_removes_both(root: Path) -> None:
    apply(root, job(root, "Scan"))
    before = read_tree(root)
    assert "jobgen column scan_jobs priority:smallint=0" in messages(
        job(root, "Scan", priority=True)
    )
    plan = apply(root, column(root, "Scan", "priority:smallint=0"))
    assert after(plan, SCHEMA).endswith(f"ALTER TABLE scan_jobs ADD COLUMN {COLUMN};\n{INDEX}\n")
    assert FLAG in after(plan, TYPES)
    assert not findings(root)
    assert not job(root, "Scan", priority=True).pending
    receipt = last_receipt(root)
    assert receipt is not None
    apply(root, plan_reversal(root, receipt))
    assert read_tree(root) == before


def test_column_of_another_type_is_the_users_own(root: Path) -> None:
    for number, definition in enumerate(
        ("priority:int=0", "priority:smallint?", "priority:text=low", "priorities:smallint=0")
    ):
        plan = apply(root, job(root, f"Other{number}", definition))
        assert f"other{number}_jobs_priority" not in after(plan, SCHEMA)
    apply(root, column(root, "bands", "priority:smallint=0"))
    assert FLAG not in (root / TYPES).read_text()
    assert "bands_priority" not in (root / SCHEMA).read_text()
    assert not findings(root)


def test_check_names_the_missing_index_of_a_column_added_by_hand(root: Path) -> None:
    apply(root, job(root, "Scan"))
    with (root / SCHEMA).open("a") as file:
        file.write(f"ALTER TABLE scan_jobs ADD COLUMN {COLUMN};\n")
    apply(root, types(root))
    assert FLAG in (root / TYPES).read_text()
    [message] = findings(root)
    assert "does not have the index scan_jobs_priority" in message
    with (root / SCHEMA).open("a") as file:
        file.write(INDEX)
    assert not findings(root)


def test_flag_is_refused_if_a_name_is_taken(root: Path) -> None:
    plan = job(root, "Scan", "priority:int", priority=True)
    assert exit_code(plan) is ExitCode.USAGE
    assert "The column priority is given twice." in messages(plan)
    write_tree(root, {SCHEMA: "CREATE TABLE scan_jobs_priority (id INT);\n"})
    assert "scan_jobs_priority" in messages(job(root, "Scan", priority=True))
    assert not job(root, "Scan").issues


def test_flag_is_a_boolean_for_tools_and_a_choice_in_a_form(root: Path) -> None:
    generator = find_generator("job")
    assert generator is not None
    given: dict[str, object] = {"name": "Scan", "priority": True}
    arguments = parse_arguments(generator, given)
    assert generator.command_line(arguments) == "jobgen job Scan --priority"
    assert COLUMN in after(generator.make_plan(find_project(root), arguments), SCHEMA)
    assert generator.command_line({**given, "priority": False}) == "jobgen job Scan"
    with pytest.raises(UsageError, match="'priority' must be true or false"):
        parse_arguments(generator, {**given, "priority": "yes"})
    schema: Any = generator.schema(find_project(root))
    assert schema["properties"]["priority"]["type"] == "boolean"
    for value, expected in (("yes", True), ("no", None), ("", None)):
        entered = Parameters([("name", "Scan"), ("priority", value)])
        assert read_arguments(schema, entered).get("priority") is expected
    [field] = [each for each in form_fields(schema, Parameters()) if each.name == "priority"]
    assert (field.control, field.options, field.value) == ("choice", ("no", "yes"), "no")
