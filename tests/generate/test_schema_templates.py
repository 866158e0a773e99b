"""A project's own template of a job's table must make the table of the job."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobgen.errors import ExitCode
from jobgen.plan.conflicts import exit_code
from jobgen.render import bundled_templates
from tests.generate.projects import job, messages, operations
from tests.support.tree import SHOP, read_tree, write_tree

FILE = "Schema.sql.jinja"
ORIGINAL = (bundled_templates() / "schema" / FILE).read_text()


def own_template(root: Path, text: str) -> Path:
    """Write the shop with its own template for the tables of jobs."""
    config = SHOP["pyproject.toml"] + 'templates = "mine"\n'
    return write_tree(root, {**SHOP, "pyproject.toml": config, f"mine/schema/{FILE}": text})


NO_JOB = {
    "empty": ("", "makes no table clean_up_jobs."),
    "only a comment": ("-- {{ table }}\n", "makes no table clean_up_jobs."),
    "another name": (
        ORIGINAL.replace("CREATE TABLE {{ table }}", "CREATE TABLE my_{{ table }}"),
        "makes no table clean_up_jobs.",
    ),
    "a view": ("CREATE VIEW {{ table }} AS SELECT 1;\n", "makes no table clean_up_jobs."),
    "a column renamed": (
        ORIGINAL.replace(
            'job_columns + columns) | join(",\\n    ")',
            'job_columns + columns) | join(",\\n    ") | replace("run_at", "due_at")',
        )
        .replace("run_at", "due_at")
        .replace('replace("due_at",', 'replace("run_at",'),
        "is not the table of a job: it has no column run_at.",
    ),
    "another type": (
        ORIGINAL.replace('join(",\\n    ")', 'join(",\\n    ") | replace(" INT ", " TEXT ")'),
        "is not the table of a job.",
    ),
}


@pytest.mark.parametrize(("text", "reason"), NO_JOB.values(), ids=NO_JOB.keys())
def test_template_that_makes_no_job_table_is_refused(
    tmp_path: Path, text: str, reason: str
) -> None:
    root = own_template(tmp_path, text)
    before = read_tree(root)
    plan = job(root, "CleanUp")
    assert exit_code(plan) is ExitCode.ERROR
    assert reason in messages(plan)
    assert str(root / "mine/schema") in messages(plan)
    assert "Correct the project's own template" in messages(plan)
    assert read_tree(root) == before


BROKEN = {
    "first line": ("CREATE TABEL {{ table }} ();\n", 1),
    "after a condition": (
        ORIGINAL.replace(
            "CREATE INDEX {{ running_index }} ON", "CREATE INDX {{ running_index }} ON"
        ),
        10,
    ),
    "after a loop": (
        ORIGINAL.replace(
            "CREATE TRIGGER {{ insert_trigger }}", "CREATE TRIGER {{ insert_trigger }}"
        ),
        18,
    ),
    "stripped lines": (
        "{% if table -%}\n\n-- {{ table }}\n{%- endif %}\n\n\nCREATE TABEL {{ table }} ();\n",
        7,
    ),
}


@pytest.mark.parametrize(("text", "line"), BROKEN.values(), ids=BROKEN.keys())
def test_syntax_error_is_reported_with_the_line_of_the_template(
    tmp_path: Path, text: str, line: int
) -> None:
    root = own_template(tmp_path, text)
    plan = job(root, "CleanUp", "depth:int:index")
    assert exit_code(plan) is ExitCode.ERROR
    place = f"{root / 'mine/schema' / FILE}:{line}"
    assert f"The template {place} makes a table that cannot be read" in messages(plan)
    assert "Application/Schema.sql" not in messages(plan)


def test_template_with_more_columns_and_indexes_is_accepted(tmp_path: Path) -> None:
    more = ORIGINAL.replace("{{ (job_columns", "owner TEXT,\n    {{ (job_columns")
    root = own_template(tmp_path, more + "CREATE INDEX owners ON {{ table }} (owner);\n")
    plan = job(root, "CleanUp")
    assert plan.issues == ()
    assert operations(plan)["Application/Schema.sql"] == "update"
