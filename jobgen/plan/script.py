"""Plan a script: an executable file with a function `run`."""

from __future__ import annotations

from pathlib import PurePosixPath

from jobgen.errors import JobgenError, UsageError
from jobgen.naming import JobName, ScriptName, parse_job_name, record_name
from jobgen.plan.builder import PlanBuilder
from jobgen.plan.imports import import_statement
from jobgen.plan.model import Plan
from jobgen.plan.script_arguments import Argument, script_arguments
from jobgen.plan.types import schema_or_issue
from jobgen.project import Snapshot
from jobgen.render import Template
from jobgen.schema.load import ReadSchema
from jobgen.schema.model import Schema

_EXECUTABLE = 0o755
_ARGUMENT_WIDTH = 71
"""How long the arguments of `parser.add_argument(…)` may be in lines of 100 characters."""


def plan_script(snapshot: Snapshot, name: ScriptName, template: Template, read: ReadSchema) -> Plan:
    """Make the plan of `jobgen script`.

    A script named after a job creates a row of it; any other prints Hello World.

    Args:
        snapshot: The project's files.
        name: The script's name.
        template: The script's template.
        read: Reads Schema.sql.
    """
    builder = PlanBuilder(snapshot, "script", {"name": name.module})
    has_options = False
    for path, content in script_content(builder, name, template, read).items():
        builder.put_new(path, content, mode=_EXECUTABLE)
        has_options = has_options or b".add_argument(" in content
    if builder.is_pending:
        path = snapshot.project.script_path(name.module)
        step = f"Run it with its options, which it shows: {path} --help"
        builder.next_steps.append(step if has_options else f"Run it: {path}")
    return builder.plan()


def script_content(
    builder: PlanBuilder, name: ScriptName, template: Template, read: ReadSchema
) -> dict[PurePosixPath, bytes]:
    """Return the script's path and contents as they are generated in this project."""
    project = builder.project
    job = _job(builder, name)
    schema = None if job is None else schema_or_issue(builder, read)
    record, arguments = _record(builder, name, job, schema)
    types_import = ""
    if record:
        enums = sorted({each.enum for each in arguments if each.enum})
        try:
            types_import = import_statement(
                project.module(project.types_path), ", ".join(sorted((*enums, record)))
            )
        except JobgenError as error:
            builder.add_error(error)
    return template.render(
        {
            "script_path": str(project.script_path(name.module)),
            "record": record,
            "types_import": types_import,
            "imports": _imports(arguments),
            "registrations": sorted({each.registration for each in arguments if each.registration}),
            "arguments": [_call(argument) for argument in arguments],
            "has_decimal": any(argument.is_decimal for argument in arguments),
        }
    )


def _job(builder: PlanBuilder, name: ScriptName) -> JobName | None:
    """Return the job that the script is named after, or None."""
    try:
        job = parse_job_name(name.job or name.module)
    except UsageError:
        return None
    tables = {f"{found.snake_name}_jobs" for found in builder.snapshot.jobs}
    if job.table in tables and name.job is None:
        builder.warnings.append(
            f"{name.module} prints Hello World. To create the job {job.module}, call the script"
            f" Run{job.module}Job."
        )
        return None
    if job.table in tables:
        return job
    if name.job is not None and name.job.endswith("Job"):
        builder.warnings.append(f"There is no job {job.module}; {name.module} prints Hello World.")
    return None


def _record(
    builder: PlanBuilder, name: ScriptName, job: JobName | None, schema: Schema | None
) -> tuple[str, tuple[Argument, ...]]:
    """Return the record that the script creates, or "", and the script's options."""
    if job is None or schema is None:
        return "", ()
    table = schema.find_table(job.table)
    if table is None:
        builder.warnings.append(
            f"{job.module} has no table {job.table} in {builder.project.schema_path};"
            f" {name.module} prints Hello World."
        )
        return "", ()
    records = builder.project.records
    return record_name(table.name, records), script_arguments(table, schema, dict(records))


def _call(argument: Argument) -> str:
    """Return the arguments of `add_argument`, on several lines if they do not fit on one."""
    parts = (f'"{argument.flag}"', *argument.settings)
    line = ", ".join(parts)
    if len(line) <= _ARGUMENT_WIDTH:
        return line
    return "\n        " + ",\n        ".join(parts) + ",\n    "


def _imports(arguments: tuple[Argument, ...]) -> list[str]:
    """Return the import statements that the options need, in isort's order."""
    names: dict[str, set[str]] = {}
    for argument in arguments:
        if argument.import_:
            module, name = argument.import_
            names.setdefault(module, set()).add(name)
    return [f"from {m} import {', '.join(sorted(n))}" for m, n in sorted(names.items())]
