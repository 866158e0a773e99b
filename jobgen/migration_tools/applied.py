"""Ask a database which migrations have been applied to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.rows import scalar_row

from jobgen.migration_tools.sql import read


def is_applied(conn: psycopg.Connection[Any], migration: Sequence[str]) -> bool:
    """Return whether a migration is applied; of Alembic's, only the last one counts as applied.

    Args:
        conn: A connection to the database in autocommit mode.
        migration: Alembic's identifier, or the app and the name of Django's migration.
    """
    query = read("is_alembic_version" if len(migration) == 1 else "is_django_migration")
    try:
        found: bool | None = (
            conn.cursor(row_factory=scalar_row).execute(query.encode(), migration).fetchone()
        )
    except psycopg.errors.UndefinedTable:
        return False
    return bool(found)
