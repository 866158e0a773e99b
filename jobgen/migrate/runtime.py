"""The runtime's own objects: the one place where jobgen uses the runtime."""

from __future__ import annotations

from jobgen_runtime.database import SCHEMA_VERSION, runtime_schema, schema_version_sync

from jobgen.migrate.catalog import Catalog
from jobgen.migrate.reading import Connection

__all__ = ["lacks_runtime", "runtime_schema"]


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
