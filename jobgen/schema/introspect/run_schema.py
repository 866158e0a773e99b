"""Runs Schema.sql in a database, statement by statement, as psql does."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

import psycopg

from jobgen.postgres import missing_feature_hint
from jobgen.schema.errors import SchemaError
from jobgen.schema.parse.source import plain_sql
from jobgen.schema.parse.statements import Statement, split_statements
from jobgen.schema.runtime_objects import JOB_STATUS, RUNTIME_TABLES

# These statements change what all databases of a server share: roles, databases, settings.
_SERVER_WIDE = re.compile(
    r"(create|alter|drop) (role|user(?! mapping)|group|database|tablespace|subscription|system)\b"
    r"|(vacuum|cluster|notify|listen|load|checkpoint)\b"
)
_QUOTED = re.compile(r'"([^"]+)"')


def run_schema(conn: psycopg.Connection[Any], text: str, path: PurePosixPath) -> None:
    """Run the statements of `text`, except those that affect the whole server.

    Args:
        conn: A connection in autocommit mode, because some statements cannot run in a transaction.
        text: The text of Schema.sql.
        path: The path of Schema.sql, for error messages.

    Raises:
        SchemaError: The server refuses a statement.
    """
    for statement in split_statements(plain_sql(text)):
        if _SERVER_WIDE.match(statement.words):
            continue
        try:
            conn.execute(statement.text.encode())
        except psycopg.Error as error:
            raise _located(text, path, statement, error) from None


def _located(
    text: str, path: PurePosixPath, statement: Statement, error: psycopg.Error
) -> SchemaError:
    position = error.diag.statement_position
    # The server counts characters from 1, within the statement.
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
        return f"{name[1]} belongs to jobgen's runtime. Remove this statement from the file."
    return missing_feature_hint(error.diag.message_primary or "") or error.diag.message_hint
