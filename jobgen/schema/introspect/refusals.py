"""Says where in a schema file the server refused a statement, why, and what to do about it."""

from __future__ import annotations

import re

import psycopg

from jobgen.postgres import missing_feature_hint
from jobgen.schema.errors import SchemaError
from jobgen.schema.script.script import Script, Statement

_COPY_LINE = re.compile(r"\bline (\d+)")


def locate_refusal(script: Script, statement: Statement, error: psycopg.Error) -> SchemaError:
    """Return the error about a statement that the server refused."""
    position = None if statement.is_generated else error.diag.statement_position
    # The server counts characters from 1, within the statement.
    offset = statement.offset + (int(position) - 1 if position else 0)
    reason = message_of(error)
    if statement.is_generated:
        reason = f"{reason}, in what \\gexec runs: {statement.text}"
    if error.diag.message_detail:
        reason = f"{reason} ({error.diag.message_detail})"
    line = _COPY_LINE.search(error.diag.context or "") if statement.rows else None
    if line:
        reason = f"{reason} (row {line[1]})"
    located = script.error(offset, reason, hint=_hint(error))
    located.cause = error
    return located


def message_of(error: psycopg.Error) -> str:
    """Return the first line of what the server says."""
    return error.diag.message_primary or str(error).strip()


def _hint(error: psycopg.Error) -> str | None:
    message = error.diag.message_primary or ""
    if message.endswith('at or near ":"'):
        return "Variables of psql have no value here. Write the value into the file."
    return missing_feature_hint(message) or error.diag.message_hint
