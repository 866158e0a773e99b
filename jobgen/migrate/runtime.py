"""The runtime's own objects, as a migration sees them."""

from __future__ import annotations

from dataclasses import replace

from jobgen_runtime.database import SCHEMA_VERSION, runtime_schema, schema_version_sync

from jobgen.migrate.catalog import Catalog
from jobgen.migrate.reading import Connection

__all__ = ["lacks_runtime", "runtime_schema", "with_builtin_uuidv7"]


def lacks_runtime(conn: Connection, has: Catalog, runtime: Catalog) -> bool:
    """Whether the database needs RuntimeSchema.sql; `runtime` is what that makes.

    A database that a newer runtime has set up needs nothing of this one's.
    """
    version = schema_version_sync(conn)
    if version is None or version < SCHEMA_VERSION:
        return True
    if version > SCHEMA_VERSION:
        return False
    return bool(
        runtime.tables.keys() - has.tables.keys()
        or runtime.columns.keys() - has.columns.keys()
        or runtime.enums.keys() - has.enums.keys()
        or runtime.definitions.keys() - has.definitions.keys()
    )


def with_builtin_uuidv7(catalog: Catalog, schema: str) -> Catalog:
    """The catalog of a server that has been upgraded, with the server's own uuidv7() in it.

    The one that the runtime made for Postgres 17 and older is still there and in use, and is
    named with its schema once pg_catalog has one of the same name: they do the same.
    """
    old = f"{schema}.uuidv7()"
    if ("FUNCTION", "", old) not in catalog.definitions:
        return catalog
    return replace(
        catalog,
        columns={
            key: replace(column, expression=column.expression.replace(old, "uuidv7()"))
            if column.expression
            else column
            for key, column in catalog.columns.items()
        },
        definitions={
            key: definition
            for key, definition in catalog.definitions.items()
            if key != ("FUNCTION", "", old)
        },
    )
