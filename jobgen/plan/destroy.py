"""Takes a job or a script out again, from the project as it is: no receipt is needed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from types import MappingProxyType

from jobgen.job_block.edit import remove_block
from jobgen.job_block.find import find_block, lines_about
from jobgen.naming import JobName, ScriptName, quote_identifier, snake_case
from jobgen.plan.builder import Builder
from jobgen.plan.config_edit import remove_record_name
from jobgen.plan.job import JobTemplates
from jobgen.plan.model import IssueKind, Plan
from jobgen.plan.registrations import JobFiles, require_modules, template_data, unregister_job
from jobgen.plan.script import script_content
from jobgen.plan.types import put_types, read_or_issue
from jobgen.project import CONFIG_FILE, Snapshot
from jobgen.render import Template
from jobgen.schema.load import ReadSchema, decode_schema
from jobgen.schema.model import Schema, Table


def plan_destroy_job(
    snapshot: Snapshot, place: JobFiles, templates: JobTemplates, read: ReadSchema
) -> Plan:
    """The inverse of `plan_job`; what was edited since is kept, and named."""
    name = place.name
    builder = Builder(snapshot, "destroy job", {"name": name.module, "app": place.app})
    schema = read_or_issue(builder, read)
    if schema is None or not require_modules(builder, place):
        return builder.plan()
    table = schema.find_table(name.table)
    if table is None and snapshot.before(place.path) is None:
        builder.issue(
            IssueKind.PROJECT,
            f"There is no job {name.module} in {place.app}: neither {place.path} nor the table"
            f" {name.table}.",
            hint="See what there is with: jobgen list",
        )
        return builder.plan()
    unregister_job(builder, place)
    data = {**template_data(builder, place), "worker_path": "", "main_path": ""}
    for path, content in templates.job.render(data).items():
        _delete(builder, path, content)
    after = schema
    if table is not None:
        after = _remove_table(builder, name, table, schema, templates.schema)
    records = dict(snapshot.project.records)
    if after is not schema:
        _remove_record(builder, name, records)
        builder.next_steps.append(drop_table_step(name.table))
    put_types(builder, after, records)
    _mention_scripts(builder, name)
    return builder.plan()


def plan_destroy_script(
    snapshot: Snapshot, name: ScriptName, template: Template, read: ReadSchema
) -> Plan:
    """Delete a script, unless it was edited."""
    builder = Builder(snapshot, "destroy script", {"name": name.module})
    path = snapshot.project.script_path(name.module)
    if snapshot.before(path) is None:
        builder.issue(
            IssueKind.PROJECT,
            f"There is no script {path}.",
            hint="See what there is with: jobgen list",
        )
        return builder.plan()
    for target, content in script_content(builder, name, template, read).items():
        _delete(builder, target, content)
    return builder.plan()


def drop_table_step(table: str) -> str:
    """What is left to do in a database, which no generator touches."""
    return (
        "No database was changed. Where the table was made already, this drops it and its"
        f" rows:\nDROP TABLE {quote_identifier(table)};"
    )


def _delete(builder: Builder, path: PurePosixPath, generated: bytes) -> None:
    """Delete a file; one that is not as it was generated is a conflict."""
    before = builder.snapshot.before(path)
    if before is None or not builder.is_usable(path):
        return
    builder.put(path, None)
    if before.replace(b"\r\n", b"\n") != generated:
        builder.issue(
            IssueKind.CONFLICT,
            f"{path} was edited since it was generated.",
            path=path,
            hint="--force deletes it, --skip keeps it.",
        )


def _remove_table(
    builder: Builder, name: JobName, table: Table, schema: Schema, template: Template
) -> Schema:
    """Take the block out of Schema.sql: what it declares without. An edited one stays."""
    path = builder.project.schema_path
    before = builder.snapshot.before(path) or b""
    text = decode_schema(before, path)
    block = find_block(text, name, template, schema)
    rest = None if block is None else remove_block(before, block)
    if rest is None or lines_about(rest.decode(), name.table):
        lines = ", ".join(map(str, lines_about(text, name.table)))
        builder.warnings.append(
            f"The table {name.table} stays in {path}, with its record, because it is not as it was"
            f" generated. Take out the lines about it by hand ({lines}), then run: jobgen types"
        )
        return schema
    builder.put(path, rest)
    tables = {key: value for key, value in schema.tables.items() if value is not table}
    return replace(schema, tables=MappingProxyType(tables))


def _remove_record(builder: Builder, name: JobName, records: dict[str, str]) -> None:
    """Take the record's name out of pyproject.toml, where it was needed for its capitals."""
    path = PurePosixPath(CONFIG_FILE)
    before = builder.snapshot.before(path)
    if before is not None and records.pop(name.table, None) is not None:
        builder.put(path, remove_record_name(before, name.table, name.record))


def _mention_scripts(builder: Builder, name: JobName) -> None:
    for script in builder.snapshot.scripts:
        job = ScriptName(script.name).job
        if job is not None and snake_case(job).removesuffix("_job") + "_jobs" == name.table:
            builder.warnings.append(
                f"{script.path} starts the job. Delete it with: jobgen destroy script {script.name}"
            )
