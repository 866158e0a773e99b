"""`jobgen column` adds columns to a table of Schema.sql, its record, and the migrations."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from jobgen.apply import apply_plan, last_receipt
from jobgen.errors import ExitCode
from jobgen.generate.undo import plan_reversal
from jobgen.plan.conflicts import exit_code
from tests.generate.projects import after, apply, column, job, messages, types
from tests.support.tree import SHOP, read_tree, write_tree

SCHEMA = Path("Application/Schema.sql")
TYPES = Path("Generated/Types.py")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with the table bands and the job Scan."""
    root = write_tree(tmp_path / "shop", SHOP)
    apply(root, job(root, "Scan", "band:references"))
    return root


@pytest.mark.parametrize("table", ["bands", "scan_jobs", "public.bands"])
def test_columns_are_appended_and_load(root: Path, table: str, runtime_database: str) -> None:
    before = (root / SCHEMA).read_text()
    plan = column(root, table, "note:text?", "rating:int=0", "other:references?=bands")
    assert not plan.issues
    assert not plan.warnings
    apply(root, plan)
    after = (root / SCHEMA).read_text()
    assert after.startswith(before)
    assert "ADD COLUMN rating INT DEFAULT 0 NOT NULL;" in after
    assert "    other_id: UUID | None" in (root / TYPES).read_text()
    with psycopg.connect(runtime_database) as conn, conn.transaction(force_rollback=True):
        conn.execute(after.encode())
        query = "SELECT note, rating, other_id FROM {}"
        conn.execute(query.format(table).encode())


def test_own_table_can_have_the_names_of_a_jobs_columns(root: Path) -> None:
    plan = column(root, "bands", "created_at:timestamptz=now", "status:text?")
    assert not plan.issues
    apply(root, plan)
    assert (
        "ADD COLUMN created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL;"
        in (root / SCHEMA).read_text()
    )
    assert "already has a column created_at" in messages(column(root, "bands", "created_at:date?"))
    assert "every job table already has" in messages(column(root, "scan_jobs", "status:text?"))


def test_change_is_undone_and_a_migration_is_written_where_the_project_keeps_them(
    root: Path,
) -> None:
    write_tree(root / "Application/Migration", {"007-first.sql": "SELECT 1;\n"})
    before = read_tree(root)
    apply(root, column(root, "bands", "note:text?"))
    migration = root / "Application/Migration/008-add-note-to-bands.sql"
    assert migration.read_text() == "ALTER TABLE bands ADD COLUMN note TEXT DEFAULT NULL;\n"
    receipt = last_receipt(root)
    assert receipt is not None
    plan = plan_reversal(root, receipt)
    assert "jobgen migrate --with-drops" in str(plan.next_steps)
    apply_plan(root, plan, undoes=receipt)
    assert read_tree(root) == before


def test_undo_makes_types_again_where_jobgen_wrote_them_since(root: Path) -> None:
    config = root / "pyproject.toml"
    before = (root / SCHEMA).read_text()
    apply(root, column(root, "bands", "note:text?"))
    receipt = last_receipt(root)
    assert receipt is not None
    config.write_text(config.read_text() + '\n[tool.jobgen.records]\nbands = "Group"\n')
    apply_plan(root, types(root), keeps_receipt=False)
    assert last_receipt(root) == receipt
    written = (root / TYPES).read_text()
    (root / TYPES).write_text(written.replace("class Group", "class Mine"))
    assert "Types.py was edited since" in messages(plan_reversal(root, receipt))
    (root / TYPES).write_text(written)
    plan = plan_reversal(root, receipt)
    assert not plan.issues
    apply_plan(root, plan, undoes=receipt)
    assert (root / SCHEMA).read_text() == before
    text = (root / TYPES).read_text()
    assert ("class Group" in text, "note:" in text) == (True, False)
    assert types(root).pending == ()


def test_line_endings_and_a_missing_last_semicolon_are_kept(root: Path) -> None:
    schema = root / SCHEMA
    schema.write_bytes(b"CREATE TABLE bands (id INT PRIMARY KEY)\r\n-- the end")
    apply(root, column(root, "bands", "note:text?"))
    content = schema.read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n")
    assert not column(root, "bands", "more:text?").issues


def test_required_column_without_default_is_warned_of(root: Path) -> None:
    [warning] = column(root, "bands", "note:text").warnings
    assert "Rows that exist have no value for note" in warning


@pytest.mark.parametrize("name", ["Scan", "ScanJob", "scan", "scan_jobs", "Band"])
def test_table_may_be_named_by_its_job_or_its_record(root: Path, name: str) -> None:
    table = "bands" if name == "Band" else "scan_jobs"
    text = after(column(root, name, "note:text?"), str(SCHEMA))
    assert text.endswith(f"ALTER TABLE {table} ADD COLUMN note TEXT DEFAULT NULL;\n")


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        (("nope", "a:int"), "has no table nope", ExitCode.USAGE),
        (("band", "a:int"), "Did you mean bands?", ExitCode.USAGE),
        (("bands",), "No column is given", ExitCode.USAGE),
        (("bands", "name:text"), "already has a column name", ExitCode.ERROR),
        (("bands", "a:int", "a:int"), "given twice", ExitCode.USAGE),
        (("bands", "a:nope"), "a:nope", ExitCode.USAGE),
        (("bands", "a:int=x"), "not a whole number", ExitCode.USAGE),
    ],
)
def test_invalid_column_changes_nothing(
    root: Path, arguments: tuple[str, ...], message: str, code: ExitCode
) -> None:
    plan = column(root, *arguments)
    assert message in messages(plan)
    assert exit_code(plan) == code
    assert not plan.pending
