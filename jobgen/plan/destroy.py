"""Remove a job or a script from the project as it is; no receipt is needed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from types import MappingProxyType

from jobgen.job_block.added_columns import remove_added_columns
from jobgen.job_block.edit import remove_block
from jobgen.job_block.find import find_block, lines_about
from jobgen.naming import JobName, ScriptName, quote_identifier, snake_case
from jobgen.plan.builder import PlanBuilder
from jobgen.plan.config_edit import remove_record_name
from jobgen.plan.job import JobTemplates
from jobgen.plan.migrations import put_migration
from jobgen.plan.model import IssueKind, Plan
from jobgen.plan.registrations import JobFiles, check_modules, template_data, unregister_job
from jobgen.plan.script import script_content
from jobgen.plan.table_change import TableChange, WriteMigration, sql_statements
from jobgen.plan.types import put_types, schema_or_issue
from jobgen.project import CONFIG_FILE, Snapshot
from jobgen.render import Template
from jobgen.schema.load import ReadSchema, decode_schema
from jobgen.schema.model import Schema, Table


def plan_destroy_job(
    snapshot: Snapshot,
    files: JobFiles,
    templates: JobTemplates,
    read: ReadSchema,
    write: WriteMigration | None = None,
) -> Plan:
    """Make the inverse of `plan_job`; an edited file is a conflict, an edited table stays.

    Args:
        snapshot: The project's files.
        files: The job's files.
        templates: Those that the job was written by.
        read: Reads Schema.sql.
        write: Writes the migration that drops the table; None if its user drops it.
    """
    name = files.name
    builder = PlanBuilder(snapshot, "destroy job", {"name": name.module, "app": files.app})
    schema = schema_or_issue(builder, read)
    if schema is None or not check_modules(builder, files):
        return builder.plan()
    table = schema.find_table(name.table)
    if table is None and snapshot.before(files.path) is None:
        builder.add_issue(
            IssueKind.PROJECT,
            f"There is no job {name.module} in {files.app}: neither {files.path} nor the table"
            f" {name.table} exists.",
            hint="List the jobs with: jobgen list",
        )
        return builder.plan()
    unregister_job(builder, files)
    data = {**template_data(builder, files, table), "worker_path": "", "main_path": ""}
    for path, content in templates.job.render(data).items():
        _delete(builder, path, content)
    after, block = schema, ""
    if table is not None:
        after, block = _remove_table(builder, name, table, schema, templates.schema)
    records = dict(snapshot.project.records)
    if after is not schema:
        _remove_record(builder, name, records)
        builder.next_steps += (
            [drop_table_step(name.table)]
            if write is None
            else put_migration(builder, write, _removal(files, block))
        )
    put_types(builder, after, records)
    _warn_of_scripts(builder, name)
    return builder.plan()


def _removal(files: JobFiles, block: str) -> TableChange:
    """Return the change that drops the job's table."""
    table = files.name.table
    drop = (f"DROP TABLE {quote_identifier(table)}",)
    return TableChange(f"drop {table}", table, files.path, drop, sql_statements(block))


def plan_destroy_script(
    snapshot: Snapshot, name: ScriptName, template: Template, read: ReadSchema
) -> Plan:
    """Make the plan that deletes a script; an edited script is a conflict."""
    builder = PlanBuilder(snapshot, "destroy script", {"name": name.module})
    path = snapshot.project.script_path(name.module)
    if snapshot.before(path) is None:
        builder.add_issue(
            IssueKind.PROJECT,
            f"There is no script {path}.",
            hint="List the scripts with: jobgen list",
        )
        return builder.plan()
    for target, content in script_content(builder, name, template, read).items():
        _delete(builder, target, content)
    # They are about a script that is to be written.
    builder.warnings.clear()
    return builder.plan()


def drop_table_step(table: str) -> str:
    """Return the step that drops the table, which no generator does."""
    return (
        "No database was changed. If the table exists there, drop it and its rows with:\n"
        f"DROP TABLE {quote_identifier(table)};"
    )


def _delete(builder: PlanBuilder, path: PurePosixPath, generated: bytes) -> None:
    """Delete a file; if it differs from what was generated, it is a conflict."""
    before = builder.snapshot.before(path)
    if before is None or not builder.check_path(path):
        return
    builder.put(path, None)
    if before.replace(b"\r\n", b"\n") != generated:
        builder.add_issue(
            IssueKind.CONFLICT,
            f"{path} was edited since it was generated.",
            path=path,
            hint="--force deletes it, --skip keeps it.",
        )


def _remove_table(
    builder: PlanBuilder, name: JobName, table: Table, schema: Schema, template: Template
) -> tuple[Schema, str]:
    """Remove the job's statements from Schema.sql, unless they were edited.

    Returns:
        The schema without the table, or the same schema if they stay; and the statements.
    """
    path = builder.project.schema_path
    before = builder.snapshot.before(path) or b""
    text = decode_schema(before, path)
    shorter, added = remove_added_columns(before.decode(), name, table, schema)
    block = find_block(text, name, template, schema)
    rest = None if block is None else remove_block(shorter.encode(), block)
    if rest is None or lines_about(rest.decode(), name.table):
        lines = ", ".join(map(str, lines_about(text, name.table)))
        builder.warnings.append(
            f"The table {name.table} and its record stay because its statements in {path} are"
            " not as jobgen wrote them. Remove the statements at these lines by hand"
            f" ({lines}), then run: jobgen types"
        )
        return schema, ""
    builder.put(path, rest)
    tables = {key: value for key, value in schema.tables.items() if value is not table}
    return replace(schema, tables=MappingProxyType(tables)), "\n".join((block or "", *added))


def _remove_record(builder: PlanBuilder, name: JobName, records: dict[str, str]) -> None:
    """Remove the record's name from pyproject.toml if it is there."""
    path = PurePosixPath(CONFIG_FILE)
    before = builder.snapshot.before(path)
    if before is not None and records.pop(name.table, None) is not None:
        builder.put(path, remove_record_name(before, name.table, name.record))


def _warn_of_scripts(builder: PlanBuilder, name: JobName) -> None:
    """Warn of each script that creates rows of the job."""
    for script in builder.snapshot.scripts:
        job = ScriptName(script.name).job
        if job is not None and snake_case(job).removesuffix("_job") + "_jobs" == name.table:
            builder.warnings.append(
                f"{script.path} creates rows of the job. Delete it, even if you edited it, with:"
                f" jobgen destroy script {script.name} --force"
            )
