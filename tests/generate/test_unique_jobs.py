"""`jobgen job --unique` writes a unique index, which Types.py describes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobgen.apply import apply_plan, last_receipt, plan_undo
from jobgen.generate.arguments import parse_arguments
from jobgen.generate.table import find_generator
from jobgen.plan.conflicts import exit_code
from tests.generate.projects import after, apply, column, destroy_job, job, messages, types
from tests.support.tree import SHOP, read_tree, write_tree

SCHEMA_PATH = "Application/Schema.sql"
TYPES_PATH = "Generated/Types.py"
INDEX = (
    "-- Allows one unfinished job for each band_id.\n"
    "CREATE UNIQUE INDEX scan_jobs_band_id_unique ON scan_jobs (band_id)"
    " WHERE status IN ('job_status_not_started', 'job_status_retry', 'job_status_running');\n"
)
COLUMNS = ("band:references", "day:date=today", "note:text?")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_tree(tmp_path, SHOP)


def files(root: Path) -> dict[str, bytes]:
    """Return the contents of all files, without folders that undoing leaves empty."""
    tree = read_tree(root).items()
    return {path: content for path, (kind, _, content) in tree if kind == "file"}


def append(root: Path, sql: str) -> None:
    path = root / SCHEMA_PATH
    path.write_text(f"{path.read_text()}{sql}\n")


def test_unique_index_is_written_and_planning_again_changes_nothing(root: Path) -> None:
    before = files(root)
    plan = job(root, "Scan", *COLUMNS, unique=("band",))
    assert INDEX in after(plan, SCHEMA_PATH)
    assert "unique_indexes=(" in after(plan, TYPES_PATH)
    assert plan.args["unique"] == ["band"]
    apply(root, plan)
    for columns in ((), COLUMNS):
        again = job(root, "Scan", *columns, unique=("band_id",), while_="unfinished")
        assert (again.issues, again.pending) == ((), ())
    receipt = last_receipt(root)
    assert receipt is not None
    apply_plan(root, plan_undo(root, receipt))
    assert files(root) == before


@pytest.mark.parametrize("unique", [("band,day",), ("band", "day"), (" band_id , day",)])
def test_several_columns_are_separated_by_commas_or_given_one_by_one(
    root: Path, unique: tuple[str, ...]
) -> None:
    schema = after(job(root, "Scan", *COLUMNS, unique=unique, while_="waiting"), SCHEMA_PATH)
    assert "-- Allows one waiting job for each band_id and day.\n" in schema
    assert (
        "CREATE UNIQUE INDEX scan_jobs_band_id_day_unique ON scan_jobs (band_id, day)"
        " WHERE status IN ('job_status_not_started', 'job_status_retry');\n"
    ) in schema


def test_unique_index_over_all_jobs_replaces_that_of_the_reference(root: Path) -> None:
    schema = after(job(root, "Scan", *COLUMNS, unique=("band",), while_="always"), SCHEMA_PATH)
    assert "CREATE UNIQUE INDEX scan_jobs_band_id_unique ON scan_jobs (band_id);\n" in schema
    assert "scan_jobs_band_id_index" not in schema


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        (COLUMNS, {"unique": ("venue",)}, "no column 'venue'. Its columns are band_id, day, note."),
        (COLUMNS, {"unique": ("status",)}, "no column 'status'. Its columns are band_id, day"),
        (COLUMNS, {"unique": ("band,",)}, "no column ''."),
        (COLUMNS, {"unique": ("band,band_id",)}, "The column band_id is given twice"),
        ((), {"unique": ("band",)}, "It has no columns at all."),
        (("data:json",), {"unique": ("data",)}, "have no order, so they cannot be in a unique"),
        (COLUMNS, {"while_": "waiting"}, "--unique is missing. Add --unique with the columns"),
    ],
)
def test_invalid_unique_index_is_bad_usage(
    root: Path, columns: tuple[str, ...], options: dict[str, Any], message: str
) -> None:
    plan = job(root, "Scan", *columns, **options)
    assert exit_code(plan) == 2
    assert message.lower() in messages(plan).lower()


def test_nullable_column_gets_a_warning(root: Path) -> None:
    plan = job(root, "Scan", *COLUMNS, unique=("note",))
    assert ["note allows NULL" in warning for warning in plan.warnings] == [True]
    assert not job(root, "Scan", *COLUMNS, unique=("band",)).warnings


def test_pasted_index_of_an_existing_table_is_accepted(root: Path) -> None:
    apply(root, job(root, "Scan", *COLUMNS))
    plan = job(root, "Scan", unique=("band",))
    assert "already exists, without a unique index on band_id." in messages(plan)
    assert exit_code(plan) == 1
    append(root, plan.issues[0].paste or "")
    apply(root, types(root))
    again = job(root, "Scan", unique=("band",))
    assert (again.issues, again.pending) == ((), ())
    other = job(root, "Scan", unique=("band",), while_="waiting")
    assert "its unique index scan_jobs_band_id_unique on band_id counts jobs in" in messages(other)


def test_column_and_destroy_work_for_a_unique_job(root: Path) -> None:
    before = (root / SCHEMA_PATH).read_text()
    apply(root, job(root, "Scan", *COLUMNS, unique=("band",)))
    assert "unique_indexes=(" in after(column(root, "scan_jobs", "n:int=3"), TYPES_PATH)
    apply(root, destroy_job(root, "Scan"))
    assert (root / SCHEMA_PATH).read_text() == before


def test_template_without_the_unique_index_is_refused(root: Path) -> None:
    own = root / "mine/schema"
    own.mkdir(parents=True)
    template = Path(__file__).parents[2] / "templates/schema"
    for file in template.iterdir():
        (own / file.name).write_text(file.read_text().replace("in unique_indexes", "in []"))
    config = root / "pyproject.toml"
    setting = '[tool.jobgen]\ntemplates = "mine"'
    config.write_text(config.read_text().replace("[tool.jobgen]", setting))
    assert "without the unique index of --unique" in messages(
        job(root, "Scan", *COLUMNS, unique=("band",))
    )
    assert job(root, "Scan", *COLUMNS).issues == ()


def test_arguments_as_json_are_those_of_the_command_line() -> None:
    generator = find_generator("job")
    assert generator is not None
    given = {"name": "Scan", "unique": ["band", "day"], "while": "waiting"}
    assert parse_arguments(generator, given) == {**given, "unique": ("band", "day")}
    line = generator.command_line(given)
    assert line == "jobgen job Scan --unique band --unique day --while waiting"
