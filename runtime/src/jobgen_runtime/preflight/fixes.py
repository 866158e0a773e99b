"""The SQL statements that fix problems of a database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from psycopg import sql

from jobgen_runtime.job_table.names import object_name
from jobgen_runtime.sql import read
from jobgen_runtime.table import Table, UniqueIndex

IndexKind = Literal["claim", "priority", "running", "retry"]


def create_index(table: Table, kind: IndexKind, *, is_partitioned: bool) -> str:
    """Return the statement that creates an index under the name that the generator gives it.

    It does not block writers, except on partitioned tables, where PostgreSQL cannot do that.
    """
    return _fill(
        f"create_{kind}_index",
        index=sql.Identifier(object_name(table.name, kind)),
        table=table.identifier,
        concurrently=sql.SQL("" if is_partitioned else " CONCURRENTLY"),
    )


def create_unique_index(table: Table, index: UniqueIndex, *, is_partitioned: bool) -> str:
    """Return the statement that creates a unique index; it blocks as `create_index` does."""
    condition = f" WHERE {index.status_condition}" if index.statuses else ""
    return _fill(
        "create_unique_index",
        index=sql.Identifier(index.name),
        table=table.identifier,
        columns=sql.SQL(", ").join(map(sql.Identifier, index.columns)),
        condition=sql.SQL(condition),
        concurrently=sql.SQL("" if is_partitioned else " CONCURRENTLY"),
    )


def create_wake_triggers(table: Table, *, insert: bool, update: bool) -> tuple[str, ...]:
    """Return the statements that create the triggers that wake workers.

    Args:
        table: The job table.
        insert: Whether to create the trigger on INSERT.
        update: Whether to create the trigger on UPDATE.
    """
    wanted = {"wake_on_insert": insert, "wake_on_update": update}
    return tuple(
        _fill(
            f"create_{name}",
            trigger=sql.Identifier(object_name(table.name, name)),
            table=table.identifier,
            wake_job_workers=sql.Identifier("wake_job_workers"),
        )
        for name, is_wanted in wanted.items()
        if is_wanted
    )


def lock_for_trigger(table: Table) -> str:
    """Return the statement that takes the lock that CREATE TRIGGER needs, or fails at once."""
    return _fill("lock_for_trigger", table=table.identifier)


def enable_trigger(table: Table, trigger: str) -> str:
    """Return the statement that enables a disabled trigger."""
    return _fill("enable_trigger", table=table.identifier, trigger=sql.Identifier(trigger))


def set_id_default(table: Table) -> str:
    """Return the statement that makes new ids follow the time."""
    return _fill("set_id_default", table=table.identifier)


def grant_rights(quoted_table: str, rights: Sequence[str], role: str) -> str:
    """Return the statement that grants rights on a table, given its quoted name."""
    return f"GRANT {', '.join(rights)} ON {quoted_table} TO {sql.Identifier(role).as_string(None)}"


def grant_schema(schema: str, role: str) -> str:
    """Return the statement that lets a role use a schema."""
    return _fill("grant_schema", schema=sql.Identifier(schema), role=sql.Identifier(role))


def delete_dangling_rows(runtime_table: str) -> str:
    """Return the statement that deletes the rows about job tables that were dropped."""
    return _fill("delete_dangling_rows", runtime_table=sql.Identifier(runtime_table))


def admit_all_rows(quoted_table: str, role: str) -> str:
    """Return the statement that lets a role see and change all rows, given the quoted table."""
    return _fill(
        "admit_all_rows",
        policy=sql.Identifier(object_name(role, "all_rows")),
        table=sql.SQL(quoted_table),
        role=sql.Identifier(role),
    )


def bypass_row_security(role: str) -> str:
    """Return the statement that exempts a role from row security; only a superuser may run it."""
    return _fill("bypass_row_security", role=sql.Identifier(role))


def _fill(name: str, **parts: sql.Composable) -> str:
    return sql.SQL(read(name)).format(**parts).as_string(None).strip()
