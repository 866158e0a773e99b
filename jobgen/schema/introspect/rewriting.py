"""Rewrites statements that a server refuses, so that they do what the file means."""

from __future__ import annotations

import re
from dataclasses import dataclass

import psycopg
from psycopg import errors

from jobgen.schema.runtime_objects import UUID_FUNCTION
from jobgen.schema.script.script import Statement

_CREATE_UUID = re.compile(
    rf'create(?=\s+function\s+(?:(?:\w+|"[^"]+")\.)?"?{UUID_FUNCTION}\b)', re.IGNORECASE
)
_AUTHORIZATION = re.compile(
    r"""
    (?P<create>create\s+schema(?:\s+if\s+not\s+exists)?)
    (?P<name>\s+(?!if\b|authorization\b)(?:\w+|"[^"]+"))?
    \s+authorization(?P<role>\s+(?:\w+|"[^"]+"))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_FILLED = re.compile(r"create (materialized view|(unlogged )?table)\b.* as\b")


@dataclass(frozen=True, slots=True)
class Rewriting:
    """SQL to run instead of a statement; `outcome` is what the user should know, or ""."""

    text: str
    outcome: str = ""


def is_refused_connection(error: psycopg.Error) -> bool:
    """Return whether a statement failed because its server cannot connect to another one."""
    return isinstance(error, errors.SqlclientUnableToEstablishSqlconnection)


def may_be_rewritten(statement: Statement) -> bool:
    """Return whether another statement could do what this one means."""
    return bool(_CREATE_UUID.match(statement.text) or _AUTHORIZATION.match(statement.text))


def rewritten(statement: Statement, error: psycopg.Error, *, on_scratch: bool) -> Rewriting | None:
    """Return what to run instead of a statement that was refused; None for nothing."""
    if on_scratch and is_refused_connection(error) and _FILLED.match(statement.words):
        return Rewriting(f"{statement.text} WITH NO DATA")
    if isinstance(error, errors.DuplicateFunction) and _CREATE_UUID.match(statement.text):
        # The runtime has created one, on a server older than PostgreSQL 18.
        return Rewriting(_CREATE_UUID.sub("CREATE OR REPLACE", statement.text, count=1))
    if isinstance(error, errors.UndefinedObject | errors.InsufficientPrivilege) and (
        found := _AUTHORIZATION.match(statement.text)
    ):
        # Owners are not compared.
        name = found["name"] or found["role"]
        text = f"{found['create']}{name}{statement.text[found.end() :]}"
        return Rewriting(text, "run without its owner")
    return None
