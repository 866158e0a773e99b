"""The statements that give a database what a worker lacks, for a person to run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from psycopg import sql

from jobgen_runtime.job_table.names import object_name
from jobgen_runtime.sql import read
from jobgen_runtime.table import Table

IndexKind = Literal["claim", "running", "retry"]


def create_index(table: Table, kind: IndexKind, *, partitioned: bool) -> str:
    """The index, with the name that the generator gives it, made without holding up writers where
    the server can do that."""
    return _filled(
        f"{kind}_index",
        index=sql.Identifier(object_name(table.name, kind)),
        table=table.identifier,
        concurrently=sql.SQL("" if partitioned else " CONCURRENTLY"),
    )


def enable_trigger(table: Table, trigger: str) -> str:
    """Enables one that is there."""
    return _filled("enable_trigger", table=table.identifier, trigger=sql.Identifier(trigger))


def grant_rights(quoted_table: str, rights: Sequence[str], role: str) -> str:
    """Rights on a table; its name is quoted already, where that is needed."""
    return f"GRANT {', '.join(rights)} ON {quoted_table} TO {sql.Identifier(role).as_string(None)}"


def grant_schema(schema: str, role: str) -> str:
    """The right to find what is in the schema."""
    return _filled("grant_schema", schema=sql.Identifier(schema), role=sql.Identifier(role))


def _filled(name: str, **parts: sql.Composable) -> str:
    return sql.SQL(read(name)).format(**parts).as_string(None).strip()
