"""Writes a migration as those of Alembic or Django."""

from __future__ import annotations

import re

from jobgen.errors import JobgenError
from jobgen.migrate.difference import Phase, Step
from jobgen.migrate.migration import Migration
from jobgen.migrate.target import Connection
from jobgen.migration_tools.applied import is_applied
from jobgen.plan.model import FileChange, Plan
from jobgen.plan.table_change import TableChange, WriteMigration

_TABLE = re.compile(r'\b(?:TABLE|ON)\s+(?:ONLY\s+)?(?:"?\w+"?\.)?"?(\w+)')
# One migration for each phase, because the tools run each in one transaction.
_PHASES = {
    Phase.VALUES: "{} values",
    Phase.TRANSACTION: "{}",
    Phase.ONLINE: "{} concurrently",
}


def plan_tool_files(
    name: str, migration: Migration, write: WriteMigration, conn: Connection, upgrade: str
) -> Plan:
    """Return the plan that writes a migration as migrations of the project's tool.

    Args:
        name: What the user calls it.
        migration: The migration.
        write: Writes the files.
        conn: A connection to the database that the migration is for.
        upgrade: The command that applies all migrations.

    Raises:
        JobgenError: The database does not have the migrations that exist, so that some of the
            changes may be in them.
    """
    if migration.is_empty:
        return Plan(generator="migrate", args={"write": name})
    changes = [
        _change(summary.format(name.replace("-", " ")), phase, migration.steps)
        for phase, summary in _PHASES.items()
        if any(step.phase is phase for step in migration.steps)
    ]
    files = write(changes)
    if files.previous and not is_applied(conn, files.previous):
        raise JobgenError(
            "The project's last migration is not applied, and may make these changes.",
            hint=f"Run `{upgrade}` first.",
        )
    return Plan(
        generator="migrate",
        args={"write": name},
        changes=tuple(
            FileChange(path, before=None, after=content) for path, content in files.files.items()
        ),
    )


def _change(summary: str, phase: Phase, steps: tuple[Step, ...]) -> TableChange:
    statements = tuple(
        sql.strip().removesuffix(";") for step in steps if step.phase is phase for sql in step.sql
    )
    table = _TABLE.search("\n".join(statements))
    return TableChange(
        summary,
        table[1] if table else "",
        path=None,
        upgrade=statements,
        downgrade=(),
        is_transaction=phase is Phase.TRANSACTION,
    )
