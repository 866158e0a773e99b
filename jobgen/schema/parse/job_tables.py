"""Recognises job tables that are written exactly as generated, without parsing them.

In a file with many jobs they are most of the text. A job table that was edited is parsed like
any other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from jobgen_runtime.job_table.columns import JOB_COLUMNS

from jobgen.schema.model import BUILTIN_SCHEMA, Column, TypeRef
from jobgen.schema.parse.defaults import read_default_text
from jobgen.schema.parse.draft import Draft, TableDraft
from jobgen.schema.runtime_objects import JOB_STATUS

_DEFAULTS = {
    column.name: read_default_text(match[1])
    for column in JOB_COLUMNS.values()
    if (match := re.search(r"DEFAULT (\S+)", column.definition))
}
_LINES = ",\n".join(f"    {column.sql}" for column in JOB_COLUMNS.values())
_COLUMNS = re.escape(_LINES).replace("\\\n", "\\r?\\n")
_TABLE = re.compile(
    rf"^(?P<head>CREATE TABLE )\w+(?P<open> \(\r?\n)(?P<columns>{_COLUMNS},?)(?=\r?\n)",
    re.MULTILINE | re.ASCII,
)
_WAKE_TRIGGER = re.compile(
    r"""
    ^CREATE\ TRIGGER\ (?:\w+|"[^"\n]+")\ AFTER\ (?:
        INSERT\ ON\ (?:\w+|"[^"\n]+")\ FOR\ EACH\ STATEMENT
      | UPDATE\ ON\ (?:\w+|"[^"\n]+")\ FOR\ EACH\ ROW\ WHEN\ \(NEW\.status\ IN\ \(
        'job_status_not_started',\ 'job_status_retry'\)\ AND\ \(OLD\.status\ NOT\ IN\ \(
        'job_status_not_started',\ 'job_status_retry'\)\ OR\ NEW\.run_at\ <\ OLD\.run_at\)\)
    )\ EXECUTE\ FUNCTION\ wake_job_workers\(\);(?=\r?$)
    """,
    re.VERBOSE | re.MULTILINE | re.ASCII,
)
_VISIBLE = re.compile(r"[^\r\n]")


@dataclass(frozen=True, slots=True)
class BlankedSql:
    """SQL in which the job columns and wake triggers are spaces, so that positions stay the same.

    `job_tables` are the byte offsets of the names of the tables whose columns were blanked.
    """

    sql: str
    job_tables: frozenset[int]


def blank_job_blocks(sql: str) -> BlankedSql:
    """Replace the generated columns and triggers of all job tables in `sql` with spaces."""
    tables: set[int] = set()
    pieces: list[str] = []
    end = offset = 0
    for match in _TABLE.finditer(sql):
        start = match.start("columns")
        pieces += (sql[end:start], _VISIBLE.sub(" ", match["columns"]))
        offset += len(sql[end : match.end("head")].encode())
        tables.add(offset)
        offset += len(sql[match.end("head") : match.end()].encode())
        end = match.end()
    text = "".join([*pieces, sql[end:]])
    without_triggers = _WAKE_TRIGGER.sub(lambda match: " " * len(match[0]), text)
    return BlankedSql(without_triggers, frozenset(tables))


def add_job_columns(draft: Draft, table: TableDraft) -> None:
    """Add the nine columns of every job table, and its primary key."""
    status = draft.type_ref({"names": [{"String": {"sval": JOB_STATUS}}]})
    for column in JOB_COLUMNS.values():
        table.columns[column.name] = Column(
            column.name,
            status if column.type == JOB_STATUS else TypeRef(BUILTIN_SCHEMA, column.type),
            not_null=not column.is_nullable,
            has_default=not column.is_nullable,
            default=_DEFAULTS[column.name],
        )
        table.local.add(column.name)
    table.set_primary_key(("id",), None)
