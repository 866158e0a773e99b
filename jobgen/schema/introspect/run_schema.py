"""Schema.sql, run in a database statement by statement, as psql would."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

import psycopg

from jobgen.schema.errors import SchemaError
from jobgen.schema.parse.source import plain_sql
from jobgen.schema.parse.statements import Statement, split_statements
from jobgen.schema.runtime_objects import JOB_STATUS, RUNTIME_TABLES

# These would reach beyond the database: roles, databases and settings are shared by the whole
# server.
_OUTSIDE = re.compile(
    r"(create|alter|drop) (role|user(?! mapping)|group|database|tablespace|subscription|system)\b"
    r"|(vacuum|cluster|notify|listen|load|checkpoint)\b"
)
_QUOTED = re.compile(r'"([^"]+)"')


def run_schema(conn: psycopg.Connection[Any], text: str, path: PurePosixPath) -> None:
    """Run the statements of `text`, but those that reach beyond the database of `conn`.

    `conn` is in autocommit mode, because some statements may not stand in a transaction.
    Raises SchemaError where the server refuses one; the message shows where and why.
    """
    for statement in split_statements(plain_sql(text)):
        if _OUTSIDE.match(statement.words):
            continue
        try:
            conn.execute(statement.text.encode())
        except psycopg.Error as error:
            raise _located(text, path, statement, error) from None


def _located(
    text: str, path: PurePosixPath, statement: Statement, error: psycopg.Error
) -> SchemaError:
    position = error.diag.statement_position
    # The server counts characters from 1, in the statement that it was sent.
    offset = statement.offset + (int(position) - 1 if position else 0)
    reason = error.diag.message_primary or str(error).strip()
    if error.diag.message_detail:
        reason = f"{reason} ({error.diag.message_detail})"
    return SchemaError(path, text, offset, reason, hint=_hint(error))


def _hint(error: psycopg.Error) -> str | None:
    name = _QUOTED.search(error.diag.message_primary or "")
    if (
        isinstance(error, psycopg.errors.DuplicateObject | psycopg.errors.DuplicateTable)
        and name
        and name[1] in {JOB_STATUS, *RUNTIME_TABLES}
    ):
        return f"{name[1]} is made by jobgen's runtime: take this statement out of the file."
    return error.diag.message_hint
