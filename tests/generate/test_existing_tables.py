"""A job whose table exists is accepted if it has the wanted columns as they are wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobgen.plan.conflicts import exit_code
from jobgen.plan.model import Plan
from tests.generate.projects import apply, job, messages, types
from tests.support.tree import SHOP, write_tree

SCHEMA_PATH = "Application/Schema.sql"
COLUMNS = ("a:varchar", "n:int?=3", "band:references", "day:date:index", "key:text:unique=x")

RETARGETED = """
ALTER TABLE scan_jobs ALTER n TYPE bigint, ALTER n DROP DEFAULT;
ALTER TABLE scan_jobs ADD FOREIGN KEY (n) REFERENCES people (id);
ALTER TABLE scan_jobs RENAME n TO n_id;
CREATE INDEX ON scan_jobs (n_id);
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = write_tree(tmp_path, SHOP)
    append(root, "CREATE TABLE people (id bigint PRIMARY KEY);")
    apply(root, job(root, "Scan", *COLUMNS))
    return root


def append(root: Path, sql: str) -> None:
    path = root / SCHEMA_PATH
    path.write_text(f"{path.read_text()}{sql}\n")


def paste(plan: Plan) -> str:
    return "\n".join(issue.paste or "" for issue in plan.issues)


@pytest.mark.parametrize(
    ("column", "difference"),
    [
        ("a:integer=3", "is of the type VARCHAR, not INT, and has no default, not 3."),
        ("a:varchar(9)", "is of the type VARCHAR, not VARCHAR(9)."),
        ("a:varchar?", "is NOT NULL."),
        ("a:varchar:unique", "is not UNIQUE."),
        ("a:varchar:index", "has no index."),
        ("a:varchar[]", "is of the type VARCHAR, not VARCHAR[]."),
        ("n:int=3", "allows NULL."),
        ("n:int?=4", "has another default than 4."),
        ("n:int?", "has a default."),
        ("band_id:uuid", "refers to bands."),
        ("band:references?", "is NOT NULL."),
        ("band:references=people", "is of the type UUID, not BIGINT, and refers to bands, not"),
        ("key:text=x", "is UNIQUE."),
        ("key:text:unique=y", "has another default than 'y'."),
    ],
)
def test_column_that_differs_from_the_existing_one_is_refused(
    root: Path, column: str, difference: str
) -> None:
    plan = job(root, "Scan", column)
    assert difference in messages(plan)
    assert "jobgen types" in messages(plan)
    assert exit_code(plan) == 1


@pytest.mark.parametrize("columns", [COLUMNS, COLUMNS[:1], ("band_id:references", "n:int?='3'")])
def test_columns_that_exist_as_wanted_are_accepted(root: Path, columns: tuple[str, ...]) -> None:
    plan = job(root, "Scan", *columns)
    assert (plan.issues, plan.pending) == ((), ())


@pytest.mark.parametrize("column", ["n:int?=3", "band:references", "owner:references=people?"])
@pytest.mark.parametrize("path", ["public", ""], ids=["as psql", "as pg_dump"])
def test_pasted_columns_are_those_that_the_command_asked_for(
    root: Path, column: str, path: str
) -> None:
    append(root, f"SELECT pg_catalog.set_config('search_path', '{path}', false);")
    apply(root, job(root, "Mail"))
    append(root, f"SELECT pg_catalog.set_config('search_path', '{path}', false);")
    plan = job(root, "Mail", column)
    assert "without the column" in messages(plan)
    append(root, paste(plan))
    apply(root, types(root))
    again = job(root, "Mail", column)
    assert (again.issues, again.pending) == ((), ())


def test_pasted_definition_of_a_column_that_differs_is_accepted(root: Path) -> None:
    plan = job(root, "Scan", "a:integer:index=3")
    path = root / SCHEMA_PATH
    definition, index = paste(plan).split("\n")
    path.write_text(f"{path.read_text().replace('a VARCHAR NOT NULL', definition)}{index}\n")
    apply(root, types(root))
    again = job(root, "Scan", "a:integer:index=3")
    assert (again.issues, again.pending) == ((), ())


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ("ALTER TABLE scan_jobs ALTER a SET DEFAULT 'b';", "a:varchar=b"),
        ("ALTER TABLE scan_jobs ALTER n DROP DEFAULT;", "n:int?"),
        ("ALTER TABLE scan_jobs ALTER n SET DEFAULT 3::smallint;", "n:int?=3"),
        ("ALTER TABLE scan_jobs ALTER n SET NOT NULL;", "n:int=3"),
        ("ALTER TABLE scan_jobs ADD UNIQUE (a);", "a:varchar:unique"),
        ("ALTER TABLE scan_jobs DROP CONSTRAINT scan_jobs_key_key;", "key:text=x"),
        ("CREATE UNIQUE INDEX ON scan_jobs (a);", "a:varchar:unique"),
        ("CREATE INDEX i ON scan_jobs (a, n);", "a:varchar:index"),
        ("DROP INDEX scan_jobs_day_index;", "day:date"),
        ("ALTER TABLE scan_jobs DROP CONSTRAINT scan_jobs_band_id_fkey;", "band_id:uuid"),
        ("ALTER TABLE scan_jobs RENAME COLUMN key TO b;", "b:text:unique=x"),
        ("ALTER TABLE scan_jobs RENAME COLUMN band_id TO c_id;", "c:references=public.bands"),
        (RETARGETED, "n:references=people?"),
    ],
)
def test_columns_are_compared_as_later_statements_leave_them(
    root: Path, change: str, column: str
) -> None:
    append(root, change)
    apply(root, types(root))
    plan = job(root, "Scan", column)
    assert (plan.issues, plan.pending) == ((), ())


def test_default_of_a_generated_column_differs(root: Path) -> None:
    append(root, "ALTER TABLE scan_jobs ADD COLUMN g int GENERATED ALWAYS AS (1) STORED NOT NULL;")
    assert "is generated." in messages(job(root, "Scan", "g:int=1"))


def test_index_of_a_missing_reference_is_part_of_what_to_add(root: Path) -> None:
    plan = job(root, "Scan", "boss:references=people")
    assert "CREATE INDEX scan_jobs_boss_id_index ON scan_jobs (boss_id);" in paste(plan)


def test_paste_of_a_column_whose_name_is_a_keyword_is_quoted(root: Path) -> None:
    apply(root, job(root, "Order"))
    plan = job(root, "Order", "user:text:index")
    append(root, paste(plan))
    apply(root, types(root))
    assert job(root, "Order", "user:text:index").issues == ()
