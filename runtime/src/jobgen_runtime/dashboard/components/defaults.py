"""The defaults of columns, as a form shows them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection

from jobgen_runtime.dashboard.components.references import optional
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.statements import statement

MAX_CHARACTERS = 80
"""Characters of a default that a form shows."""

CAST = r'(?:::[\w ."\[\](),]{1,100}){0,3}'
TEXT = re.compile(rf"'((?:[^'\\]|''){{0,200}})'{CAST}")
BARE = re.compile(rf"\(?(-?[\d.]{{1,60}}|true|false)\)?{CAST}")
FUNCTIONS = {
    "now()": "the current time",
    "CURRENT_TIMESTAMP": "the current time",
    "transaction_timestamp()": "the current time",
    "statement_timestamp()": "the current time",
    "clock_timestamp()": "the current time",
    "CURRENT_DATE": "today",
    "gen_random_uuid()": "a new UUID",
    "uuidv4()": "a new UUID",
    "uuidv7()": "a new UUID",
    "uuid_generate_v4()": "a new UUID",
}


@dataclass(frozen=True)
class Default:
    """What a column gets that is left empty."""

    words: str
    value: str | None = None
    """The value, if the default is a literal."""


async def read_defaults(conn: AsyncConnection[Any], table: JobTable) -> dict[str, Default]:
    """Return the defaults of the columns that have one; none of redacted ones."""
    shown = {column.name for column in table.columns if not column.is_redacted}
    async with optional(conn) as cursor:
        await cursor.execute(statement("column_defaults"), {"table": table.regclass})
        found = {name: describe_default(text) for name, text in await cursor.fetchall() if text}
        return {name: each for name, each in found.items() if each is not None and name in shown}
    return {}


def describe_default(expression: str) -> Default | None:
    """Return a default in words, from its expression in SQL; None for NULL."""
    if expression.startswith("NULL::") or expression == "NULL":
        return None
    if text := TEXT.fullmatch(expression):
        value = text[1].replace("''", "'")
        return Default(_cut(value) or "an empty text", value)
    if bare := BARE.fullmatch(expression):
        return Default(bare[1], bare[1])
    if expression.startswith("nextval("):
        return Default("the next number")
    return Default(FUNCTIONS.get(expression) or _cut(expression))


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}…"
