"""Use the connection that a caller passes, whichever library it belongs to.

A connection of SQLAlchemy or Django whose driver is psycopg 3 leads to the driver's connection.
With any other driver, statements are sent as text through the library; see `text_statements`.
Neither library is imported here: an object of theirs exists only if the application has imported
it.
"""

from __future__ import annotations

from jobgen_runtime.database.callers.protocols import AsyncCallerConnection, CallerConnection
from jobgen_runtime.database.callers.resolve import (
    AsyncDriverConnection,
    DriverConnection,
    resolve,
    resolve_sync,
)
from jobgen_runtime.database.callers.text_connection import AsyncTextConnection, TextConnection

__all__ = [
    "AsyncCallerConnection",
    "AsyncDriverConnection",
    "AsyncTextConnection",
    "CallerConnection",
    "DriverConnection",
    "TextConnection",
    "resolve",
    "resolve_sync",
]
