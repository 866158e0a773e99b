"""Schema.sql, run in a scratch database statement by statement."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import psycopg

from jobgen.errors import JobgenError
from jobgen.migrate.reading import Connection
from jobgen.migrate.statements import Statement, split_statements
from jobgen.schema.errors import SchemaError
from jobgen.schema.source import plain_sql

# These would reach beyond the scratch database: roles, databases and settings are shared
# by the whole server.
_OUTSIDE = re.compile(
    r"(create|alter|drop) (role|user(?! mapping)|group|database|tablespace|subscription|system)\b"
    r"|(vacuum|cluster|notify|listen|load|checkpoint)\b"
)


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """The text of Schema.sql, and its path in the project for messages."""

    path: PurePosixPath
    text: str


def read_schema_file(root: Path, path: PurePosixPath) -> SchemaFile:
    """Read Schema.sql.

    Raises:
        JobgenError: it is not there, cannot be read, or is not UTF-8.
    """
    try:
        return SchemaFile(path, (root / path).read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise JobgenError(
            f"{path} is not there",
            hint="Write the tables into it, or name the file in [tool.jobgen.paths] schema.",
        ) from None
    except OSError as error:
        raise JobgenError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise JobgenError(f"{path} is not UTF-8: byte {error.start}") from None


def run_schema_file(conn: Connection, schema: SchemaFile) -> None:
    """Run the statements of Schema.sql, but those that reach beyond the database.

    Raises:
        SchemaError: the server refuses one; the message shows where and why.
    """
    for statement in split_statements(plain_sql(schema.text)):
        if _OUTSIDE.match(statement.words):
            continue
        try:
            conn.execute(statement.text.encode())
        except psycopg.Error as error:
            raise _located(schema, statement, error) from None


def _located(schema: SchemaFile, statement: Statement, error: psycopg.Error) -> JobgenError:
    position = error.diag.statement_position
    # The server counts characters from 1, in the statement that it was sent.
    offset = statement.offset + (int(position) - 1 if position else 0)
    reason = error.diag.message_primary or str(error).strip()
    if error.diag.message_detail:
        reason = f"{reason} ({error.diag.message_detail})"
    return SchemaError(schema.path, schema.text, offset, reason, hint=_hint(error))


def _hint(error: psycopg.Error) -> str | None:
    name = _quoted_name(error)
    if isinstance(error, psycopg.errors.DuplicateObject | psycopg.errors.DuplicateTable) and (
        name in {"job_status", "job_workers", "job_runtime_schema"}
    ):
        return f"{name} is made by jobgen's runtime: take this statement out of the file."
    return error.diag.message_hint


def _quoted_name(error: psycopg.Error) -> str:
    found = re.search(r'"([^"]+)"', error.diag.message_primary or "")
    return found[1] if found else ""


def run_all(conn: Connection, statements: Iterable[str]) -> None:
    """Run statements that came out of a catalog."""
    for statement in statements:
        conn.execute(statement.encode())
