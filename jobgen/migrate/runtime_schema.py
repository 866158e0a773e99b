"""The runtime's own database objects, as a migration compares them."""

from __future__ import annotations

from dataclasses import replace

from jobgen_runtime.database import SCHEMA_VERSION, runtime_schema, schema_version_sync

from jobgen.migrate.snapshot import Connection, DatabaseSnapshot

__all__ = ["needs_runtime_schema", "runtime_schema", "with_builtin_uuidv7"]


def needs_runtime_schema(
    conn: Connection, current: DatabaseSnapshot, runtime: DatabaseSnapshot
) -> bool:
    """Return whether RuntimeSchema.sql has to be run on a database.

    A database that a newer runtime has set up is left as it is.

    Args:
        conn: A connection to the database.
        current: The database.
        runtime: The objects that RuntimeSchema.sql creates.
    """
    version = schema_version_sync(conn)
    if version is None or version < SCHEMA_VERSION:
        return True
    if version > SCHEMA_VERSION:
        return False
    return bool(
        runtime.tables.keys() - current.tables.keys()
        or runtime.columns.keys() - current.columns.keys()
        or runtime.enums.keys() - current.enums.keys()
        or runtime.definitions.keys() - current.definitions.keys()
    )


def with_builtin_uuidv7(snapshot: DatabaseSnapshot, schema: str) -> DatabaseSnapshot:
    """Return the snapshot with the server's own uuidv7() in place of the runtime's.

    The runtime creates the function on PostgreSQL 17 and older. After an upgrade of the server
    it still exists and is used, and is written with its schema because pg_catalog has a function
    of that name. Both do the same.
    """
    old = f"{schema}.uuidv7()"
    if ("FUNCTION", "", old) not in snapshot.definitions:
        return snapshot
    return replace(
        snapshot,
        columns={
            key: replace(column, expression=column.expression.replace(old, "uuidv7()"))
            if column.expression
            else column
            for key, column in snapshot.columns.items()
        },
        definitions={
            key: definition
            for key, definition in snapshot.definitions.items()
            if key != ("FUNCTION", "", old)
        },
    )
