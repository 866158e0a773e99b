"""The operation of migrations that installs the runtime's own objects."""

from __future__ import annotations

from typing import Any

from django.db import router
from django.db.migrations.operations.base import Operation

from jobgen_runtime.database import SCHEMA_VERSION, runtime_schema
from jobgen_runtime.django.database import POSTGRESQL
from jobgen_runtime.sql import read


class InstallRuntimeSchema(Operation):
    """Install the tables, the types and the functions that workers need, or update them.

    They may be there already, as from `jobgen migrate`. Databases other than PostgreSQL are left
    alone, and those that the routers exclude. Backwards, the objects are dropped, which fails while
    there are tables of jobs.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, version: int) -> None:
        self.version = version

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return what the migration's text calls."""
        return type(self).__qualname__, [self.version], {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Change no model."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, _from_state: Any, _to_state: Any
    ) -> None:
        """Install the objects, unless the database has those of a newer version."""
        if _concerns(app_label, schema_editor) and not self._is_outdated(schema_editor):
            schema_editor.execute(runtime_schema(), params=None)

    def database_backwards(
        self, app_label: str, schema_editor: Any, _from_state: Any, _to_state: Any
    ) -> None:
        """Drop the objects if this is the first version; an update stays."""
        if _concerns(app_label, schema_editor) and self.version == FIRST_VERSION:
            schema_editor.execute(read("drop_runtime_schema"), params=None)

    def describe(self) -> str:
        """Return the line that `migrate --plan` shows."""
        return f"Install version {self.version} of the tables of jobgen's workers"

    def _is_outdated(self, schema_editor: Any) -> bool:
        """Return whether the database has a version that this release does not know."""
        if schema_editor.collect_sql:
            return False
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(read("runtime_schema_exists"))
            if not cursor.fetchone()[0]:
                return False
            cursor.execute(read("runtime_schema_version"))
            row = cursor.fetchone()
        return row is not None and row[0] > SCHEMA_VERSION


class RunOnPostgreSQL(Operation):
    """Run SQL on the databases that `InstallRuntimeSchema` concerns."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, description: str, forwards: str, backwards: str) -> None:
        self.description = description
        self.forwards = forwards
        self.backwards = backwards

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return what the migration's text calls."""
        return type(self).__qualname__, [self.description, self.forwards, self.backwards], {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Change no model."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, _from_state: Any, _to_state: Any
    ) -> None:
        """Run the SQL."""
        if _concerns(app_label, schema_editor):
            schema_editor.execute(self.forwards, params=None)

    def database_backwards(
        self, app_label: str, schema_editor: Any, _from_state: Any, _to_state: Any
    ) -> None:
        """Undo it."""
        if _concerns(app_label, schema_editor):
            schema_editor.execute(self.backwards, params=None)

    def describe(self) -> str:
        """Return the line that `migrate --plan` shows."""
        return self.description


FIRST_VERSION = 3
"""The version of the schema when the first migration was written."""


def _concerns(app_label: str, schema_editor: Any) -> bool:
    connection = schema_editor.connection
    allowed: bool = router.allow_migrate(connection.alias, app_label)
    return allowed and connection.vendor == POSTGRESQL
