"""Adapts the statements of a schema file to the caller's transaction."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from jobgen.schema.script.script import Statement

_CONTROL = re.compile(
    r"(begin|start transaction|commit|end|rollback|abort|savepoint|release|prepare transaction)\b"
)
_BEGIN = re.compile(r"(begin|start transaction)\b")
_UNDO_PART = re.compile(r"rollback (work |transaction )?to\b")
_UNDO = re.compile(r"(rollback|abort)\b")
_END = re.compile(r"(commit|end)\b")
_SET_LOCAL = re.compile(
    r"set\s+local\s+(time\s+zone|session\s+authorization|[\w.]+)", re.IGNORECASE
)
_CONCURRENT = re.compile(
    r"((create( unique)?|drop|reindex.*?) (index|table|schema)|alter table\b.* detach partition)\b"
)
_CONCURRENTLY = re.compile(r"\bconcurrently\b", re.IGNORECASE)
# As in https://www.postgresql.org/docs/current/sql-discard.html, but for the locks of the caller.
_DISCARD_ALL = (
    "CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; DEALLOCATE ALL; UNLISTEN *;"
    " DISCARD PLANS; DISCARD TEMP; DISCARD SEQUENCES"
)
_SETTINGS = {"time zone": "timezone", "session authorization": "session_authorization"}

UNDO_FILE_TRANSACTION = "ROLLBACK TO SAVEPOINT jobgen_file; RELEASE SAVEPOINT jobgen_file"
"""The statements that undo a transaction of the file, which is a savepoint of the caller's."""


@dataclass(frozen=True, slots=True)
class FileTransaction:
    """A transaction of the file inside that of the caller.

    Attributes:
        is_open: Whether the file has begun one.
        settings: The settings that it has changed with SET LOCAL, which ends with it.
    """

    is_open: bool = False
    settings: tuple[str, ...] = ()


def begins_transaction(statement: Statement) -> bool:
    """Return whether the statement begins a transaction."""
    return _BEGIN.match(statement.words) is not None


def is_transaction_control(statement: Statement) -> bool:
    """Return whether the statement begins or ends a transaction or a savepoint."""
    return _CONTROL.match(statement.words) is not None


def nested(statement: Statement, transaction: FileTransaction) -> tuple[str, FileTransaction]:
    """Return what to run instead of a statement in a transaction of the caller.

    A transaction of the file becomes a savepoint. CONCURRENTLY, which no transaction allows, is
    left out: no other session sees the new objects yet, so the result is the same.

    Returns:
        The SQL, "" for none, and the transaction of the file after it.
    """
    if is_transaction_control(statement):
        return _savepoint(statement, transaction)
    if transaction.is_open and (found := _SET_LOCAL.match(statement.text)):
        words = " ".join(found[1].lower().split())
        setting = _SETTINGS.get(words, words)
        if setting in transaction.settings:
            return statement.text, transaction
        # Releasing a savepoint keeps what was set after it.
        keep = f"SELECT set_config('jobgen.before_{setting}', current_setting('{setting}'), true)"
        settings = (*transaction.settings, setting)
        return f"{keep}; {statement.text}", replace(transaction, settings=settings)
    if statement.words == "discard all":
        return _DISCARD_ALL, transaction
    if "concurrently" in statement.words and _CONCURRENT.match(statement.words):
        text = _CONCURRENTLY.sub(" " * len("concurrently"), statement.text, count=1)
        return text, transaction
    return statement.text, transaction


def _savepoint(statement: Statement, transaction: FileTransaction) -> tuple[str, FileTransaction]:
    words = statement.words
    if _BEGIN.match(words):
        text = "" if transaction.is_open else "SAVEPOINT jobgen_file"
        return text, replace(transaction, is_open=True)
    if _UNDO_PART.match(words) or not (_END.match(words) or _UNDO.match(words)):
        return statement.text, transaction
    if not transaction.is_open:
        return "", transaction
    if _UNDO.match(words):
        return UNDO_FILE_TRANSACTION, FileTransaction()
    restored = [
        f"SELECT set_config('{setting}', current_setting('jobgen.before_{setting}'), true)"
        for setting in transaction.settings
    ]
    return "; ".join(["RELEASE SAVEPOINT jobgen_file", *restored]), FileTransaction()
