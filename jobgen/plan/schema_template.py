"""Append a job's table to Schema.sql, and check that the template makes that table."""

from __future__ import annotations

from dataclasses import dataclass

from jobgen_runtime.job_table.columns import JOB_COLUMNS

from jobgen.columns.arguments import NewColumn
from jobgen.errors import JobgenError
from jobgen.job_block.context import block_context
from jobgen.job_block.edit import InvalidBlock, append_block
from jobgen.job_block.recognise import is_job_table
from jobgen.job_block.render import render_block
from jobgen.job_block.unique import UniqueJob
from jobgen.naming import JobName
from jobgen.plan.builder import PlanBuilder
from jobgen.render import Template
from jobgen.render.origin import origin_of_line
from jobgen.schema.load import ReadSchema
from jobgen.schema.model import Schema

_HINT = "Correct the project's own template, or remove its folder to use jobgen's."


@dataclass(frozen=True, slots=True)
class NewTable:
    """The table of a new job: its name, its own columns, and what makes a job unique."""

    name: JobName
    columns: tuple[NewColumn, ...] = ()
    unique: UniqueJob | None = None


def append_table(
    builder: PlanBuilder,
    template: Template,
    new: NewTable,
    *,
    schema: Schema,
    read: ReadSchema,
) -> tuple[Schema, str]:
    """Append the table of a job to Schema.sql.

    Args:
        builder: The plan.
        template: The template of the table.
        new: The job's table.
        schema: What Schema.sql declares.
        read: Reads Schema.sql.

    Returns:
        The schema with the table, and the text of the block that creates it.

    Raises:
        JobgenError: The template makes something else than the table of this job.
    """
    path = builder.project.schema_path
    before = builder.snapshot.before(path)
    name = new.name
    block = render_block(template, name, new.columns, schema, new.unique)
    try:
        content, after = append_block(before, block, schema, read, path)
    except InvalidBlock as error:
        data = block_context(name, new.columns, schema, new.unique)
        file, line = origin_of_line(template, data, error.line)
        place = f"{file}:{line}" if line else str(file)
        raise JobgenError(
            f"The template {place} makes a table that cannot be read: {error.reason}.\n"
            f"  {block.splitlines()[error.line - 1].strip()}",
            hint=_HINT,
        ) from None
    table = after.find_table(name.table)
    if table is None:
        problem = f"makes no table {name.table}"
    elif not is_job_table(table):
        missing = [column for column in JOB_COLUMNS if table.column(column) is None]
        problem = f"makes a table {name.table} that is not the table of a job"
        problem += f": it has no column {', '.join(missing)}" if missing else ""
    elif new.unique and not any(map(new.unique.is_made_by, table.unique_indexes)):
        problem = f"makes a table {name.table} without the unique index of --unique"
    else:
        builder.put(path, content)
        if before is None:
            builder.warnings.append(f"{path} did not exist; it is created.")
        return after, block
    raise JobgenError(f"The template {template.folder} {problem}.", hint=_HINT)
