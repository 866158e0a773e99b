"""The database's address, connection pools, and the runtime's own schema."""

from __future__ import annotations

from jobgen_runtime.database.address import configure, database_url, describe_url
from jobgen_runtime.database.callers import AsyncCallerConnection, CallerConnection
from jobgen_runtime.database.execute import (
    execute,
    execute_sync,
    fetch_rows,
    fetch_rows_sync,
)
from jobgen_runtime.database.pools import (
    close_pool,
    close_pool_sync,
    connection,
    connection_sync,
    pool,
    pool_sync,
)
from jobgen_runtime.database.schema import (
    SCHEMA_VERSION,
    drop_runtime_schema_statements,
    install_schema,
    install_schema_sync,
    runtime_schema,
    runtime_schema_statements,
    schema_version,
    schema_version_sync,
)
from jobgen_runtime.database.statement import Statement

__all__ = [
    "SCHEMA_VERSION",
    "AsyncCallerConnection",
    "CallerConnection",
    "Statement",
    "close_pool",
    "close_pool_sync",
    "configure",
    "connection",
    "connection_sync",
    "database_url",
    "describe_url",
    "drop_runtime_schema_statements",
    "execute",
    "execute_sync",
    "fetch_rows",
    "fetch_rows_sync",
    "install_schema",
    "install_schema_sync",
    "pool",
    "pool_sync",
    "runtime_schema",
    "runtime_schema_statements",
    "schema_version",
    "schema_version_sync",
]
