"""What the plan of a job tells its user: warnings and next steps."""

from __future__ import annotations

from collections.abc import Sequence

from jobgen_runtime.job_table.reports import FAILED_ID, FAILED_TABLE

from jobgen.columns.arguments import NewColumn
from jobgen.naming import attribute_names
from jobgen.plan.builder import PlanBuilder
from jobgen.plan.models import TELL_DJANGO
from jobgen.plan.registrations import JobFiles, reports_failures
from jobgen.schema.model import Schema, Table


def next_steps(
    builder: PlanBuilder,
    files: JobFiles,
    table: Table | None,
    schema: Schema,
    results: Sequence[NewColumn],
    *,
    update: Sequence[str],
) -> list[str]:
    """Return what to do with a job that is planned.

    Args:
        builder: The plan.
        files: The job's files.
        table: The job's table; None if there is none.
        schema: The schema with that table.
        results: The columns that the job fills.
        update: How the table gets into the database.
    """
    columns = table.columns if table else ()
    names = attribute_names(column.name for column in columns)
    required = ", ".join(f"{names[name]}=…" for name in _required(table, schema))
    filled = ", ".join(f"{names.get(column.name, column.name)}=…" for column in results)
    code = f"Write the job's code in {files.path}."
    if filled:
        code += f" It writes its results with: await job.update({filled})"
    use = (
        f"Create a job with a script (jobgen script Run{files.name.module}Job), or anywhere"
        f" with: await {files.name.record}.create({required}), in synchronous code"
        f" {files.name.record}.create_sync({required})"
    )
    if reports_failures(table):
        use = (
            "Let it report the failures of other jobs, in their classes with:"
            f" on_failed = {files.name.module}"
        )
    # One `migrate` then applies the migration of the models as well.
    first = [step for step in builder.next_steps if step == TELL_DJANGO]
    others = [step for step in builder.next_steps if step != TELL_DJANGO]
    return [code, *first, *update, use, *others]


def _required(table: Table | None, schema: Schema) -> list[str]:
    """Return the columns that every new row needs a value of."""
    return [
        column.name
        for column in (table.columns if table else ())
        if schema.is_not_null(column) and not schema.is_optional_on_insert(column)
    ]


def report_warnings(files: JobFiles, table: Table | None, schema: Schema) -> list[str]:
    """Say which columns keep a job with the columns of a report from reporting failures."""
    missing = [name for name in _required(table, schema) if name not in (FAILED_TABLE, FAILED_ID)]
    if not reports_failures(table) or not missing:
        return []
    warning = (
        f"{files.name.module} cannot report failures while its table requires a value of"
        f" {', '.join(missing)}, which a report does not have. Let such a column be NULL, or give"
        " it a default."
    )
    return [warning]
