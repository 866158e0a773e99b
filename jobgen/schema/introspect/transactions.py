"""Adapts the statements of a schema file to the caller's transaction."""

from __future__ import annotations

import re

from jobgen.schema.script.script import Statement

_CONTROL = re.compile(
    r"(begin|start transaction|commit|end|rollback|abort|savepoint|release|prepare transaction)\b"
)
_BEGIN = re.compile(r"(begin|start transaction)\b")
_UNDO_PART = re.compile(r"rollback (work |transaction )?to\b")
_UNDO = re.compile(r"(rollback|abort)\b")
_END = re.compile(r"(commit|end)\b")
_CONCURRENT = re.compile(
    r"((create( unique)?|drop|reindex.*?) (index|table|schema)|alter table\b.* detach partition)\b"
)
_CONCURRENTLY = re.compile(r"\bconcurrently\b", re.IGNORECASE)


def is_transaction_control(statement: Statement) -> bool:
    """Return whether the statement begins or ends a transaction or a savepoint."""
    return _CONTROL.match(statement.words) is not None


def as_savepoint(statement: Statement, *, in_block: bool) -> tuple[str, bool]:
    """Return what to run instead of a statement that controls a transaction.

    Args:
        statement: The statement.
        in_block: Whether the file has begun a transaction.

    Returns:
        The SQL, "" for none, and whether a transaction of the file is open after it.
    """
    words = statement.words
    if _BEGIN.match(words):
        return ("", True) if in_block else ("SAVEPOINT jobgen_file", True)
    if _UNDO_PART.match(words):
        return statement.text, in_block
    if _END.match(words):
        return ("RELEASE SAVEPOINT jobgen_file" if in_block else "", False)
    if _UNDO.match(words):
        undo = "ROLLBACK TO SAVEPOINT jobgen_file; RELEASE SAVEPOINT jobgen_file"
        return (undo if in_block else "", False)
    return statement.text, in_block


def without_concurrently(statement: Statement) -> str:
    """Return the SQL of a statement without CONCURRENTLY, which no transaction allows.

    The objects are new and nobody else sees them, so that the result is the same.
    """
    if "concurrently" in statement.words and _CONCURRENT.match(statement.words):
        return _CONCURRENTLY.sub(" " * len("concurrently"), statement.text, count=1)
    return statement.text
