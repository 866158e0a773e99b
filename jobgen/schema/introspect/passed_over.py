"""Decides which statements of a schema file are not run, and which refusals do not matter."""

from __future__ import annotations

import re
from dataclasses import dataclass

import psycopg
from psycopg import errors

from jobgen.schema.runtime_objects import (
    JOB_STATUS,
    RUNTIME_FUNCTIONS,
    RUNTIME_INDEXES,
    RUNTIME_TABLES,
)
from jobgen.schema.script.script import Statement

_SERVER = "it acts on the whole server, not on the database"
_DATABASE = "it acts on the database itself, not on what is in it"
_OTHERS = "it acts on other sessions or servers"
_FILES = "it reads or writes files"
_NOTHING = "it changes no object"


@dataclass(frozen=True, slots=True)
class _Outside:
    """Statements that are not run.

    Attributes:
        words: Matches their first words.
        reason: Why they are not run.
        on_scratch: Whether that holds on a scratch server.
        on_target: Whether that holds on the server of the database.
    """

    words: re.Pattern[str]
    reason: str
    on_scratch: bool = True
    on_target: bool = True


_OUTSIDE = (
    # Placeholders stand for roles on a scratch server: see `placeholders`.
    _Outside(re.compile(r"(create|alter|drop) (role|user(?! mapping)|group)\b"), _SERVER),
    _Outside(re.compile(r"(create|drop) (database|tablespace)\b"), _SERVER),
    _Outside(re.compile(r"alter (system|tablespace)\b"), _SERVER),
    _Outside(re.compile(r"alter database\b"), _DATABASE),
    _Outside(re.compile(r"(create|alter|drop) subscription\b|notify\b"), _OTHERS),
    _Outside(re.compile(r"(comment|security label\b.*?) on database\b"), _DATABASE),
    _Outside(
        re.compile(r"(comment|security label\b.*?) on (role|tablespace|subscription)\b"), _SERVER
    ),
    _Outside(re.compile(r"(grant|revoke)\b.*? on database\b"), _DATABASE),
    _Outside(re.compile(r"(grant|revoke)\b.*? on (tablespace|parameter)\b"), _SERVER),
    # Without ON, it makes a role a member of another one.
    _Outside(re.compile(r"(grant|revoke)\b(?!.* on\b)"), _SERVER),
    _Outside(re.compile(r"import foreign schema\b"), _OTHERS, on_target=False),
    # To read a schema must change no file. Rows do not matter there.
    _Outside(re.compile(r"copy\b(?!.*\b(stdin|stdout)\b)"), _FILES, on_target=False),
    # The file is UTF-8, and statements are sent as such.
    _Outside(re.compile(r"(re)?set (session |local )?(client_encoding|names)\b"), ""),
    _Outside(re.compile(r"(reassign|drop) owned\b"), _SERVER, on_scratch=False),
    _Outside(re.compile(r"(vacuum|checkpoint|listen|unlisten|load|reindex)\b|cluster$"), _NOTHING),
)


@dataclass(frozen=True, slots=True)
class _Tolerated:
    """Statements that may be refused for some reasons.

    `is_done` is whether the refusal says that everything is as the statement wants it.
    """

    words: re.Pattern[str]
    refusals: tuple[type[psycopg.Error], ...]
    text: re.Pattern[str] | None = None
    is_done: bool = False


_PLPGSQL = re.compile(r"\bplpgsql\b", re.IGNORECASE)
_LANGUAGE = r"(create|alter|drop|comment on)( or replace)?( trusted)?( procedural)? language\b"
_TOLERATED = (
    # Dumps of a newer server set what an older one does not know.
    _Tolerated(
        re.compile(r"(re)?set (?!constraints)"),
        (
            errors.UndefinedObject,
            errors.InvalidParameterValue,
            errors.CantChangeRuntimeParam,
            errors.InsufficientPrivilege,
            errors.ActiveSqlTransaction,
        ),
    ),
    _Tolerated(re.compile(r"lock\b"), (errors.NoActiveSqlTransaction,), is_done=True),
    _Tolerated(re.compile(r"create schema public\b"), (errors.DuplicateSchema,), is_done=True),
    _Tolerated(re.compile(_LANGUAGE), (errors.DuplicateObject,), _PLPGSQL, is_done=True),
    _Tolerated(
        re.compile(r"create extension\b"), (errors.DuplicateObject,), _PLPGSQL, is_done=True
    ),
    _Tolerated(re.compile(_LANGUAGE), (errors.InsufficientPrivilege,), _PLPGSQL),
    _Tolerated(
        re.compile(r"comment on (extension|schema public)\b"), (errors.InsufficientPrivilege,)
    ),
    # Owners and privileges are not compared.
    _Tolerated(
        re.compile(r"grant\b|revoke\b|alter default privileges\b|alter .* owner to\b"),
        (errors.UndefinedObject, errors.InsufficientPrivilege),
    ),
    _Tolerated(re.compile(r"security label\b"), (errors.InvalidParameterValue,)),
    _Tolerated(re.compile(r"alter .* set tablespace\b"), (errors.UndefinedObject,)),
)
_DUPLICATES = (
    errors.DuplicateObject,
    errors.DuplicateTable,
    errors.DuplicateFunction,
    errors.InvalidTableDefinition,
    errors.UniqueViolation,
)
_ROWS = re.compile(r"(insert|update|delete|merge|with|copy|select)\b")
_OF_RUNTIME = re.compile(
    r"""
    (?P<verb>
        create\s+(?:type|table|function|index|trigger)
        | alter\s+table(?:\s+only)? | copy | insert\s+into
    )
    \s+(?:(?:\w+|"[^"]+")\.)?"?(?P<name>\w+)"?
    """,
    re.VERBOSE | re.IGNORECASE,
)


def reason_not_to_run(statement: Statement, *, on_scratch: bool) -> str | None:
    """Return why a statement must not be run: None if it may be, "" if it has nothing to do."""
    for rule in _OUTSIDE:
        holds = rule.on_scratch if on_scratch else rule.on_target
        if holds and rule.words.match(statement.words):
            return rule.reason
    return None


def may_be_refused(statement: Statement) -> bool:
    """Return whether some refusal of the statement does not matter."""
    return is_of_runtime(statement) or any(rule.words.match(statement.words) for rule in _TOLERATED)


def reason_of_refusal(statement: Statement, error: psycopg.Error) -> str | None:
    """Return why a statement that was refused was not needed.

    "" if everything is as the statement wants it; None if the refusal is an error.
    """
    if isinstance(error, _DUPLICATES) and is_of_runtime(statement):
        return "jobgen's runtime has created it"
    for rule in _TOLERATED:
        if (
            isinstance(error, rule.refusals)
            and rule.words.match(statement.words)
            and (rule.text is None or rule.text.search(statement.text))
        ):
            return "" if rule.is_done else error.diag.message_primary or str(error)
    return None


def is_row_of_missing_function(statement: Statement, error: psycopg.Error) -> bool:
    """Return whether rows need a function that jobgen's development extensions do not have.

    Rows do not matter on a scratch server, and the database itself may have the function.
    """
    message = error.diag.message_primary or ""
    return (
        isinstance(error, errors.FeatureNotSupported)
        and "jobgen's development version" in message
        and _ROWS.match(statement.words) is not None
    )


def is_of_runtime(statement: Statement) -> bool:
    """Return whether the statement creates or fills an object of the runtime, as a dump does."""
    match = _OF_RUNTIME.match(statement.text)
    if match is None:
        return False
    name = match["name"].lower()
    if not match["verb"].lower().startswith("create"):
        return name in RUNTIME_TABLES
    if name == JOB_STATUS:
        return "'job_status_not_started'" in statement.text
    if name in RUNTIME_FUNCTIONS or name in RUNTIME_INDEXES:
        return True
    return RUNTIME_TABLES.get(name, "\0") in statement.text
