"""Add the migration of a changed table to a plan, in a project where another tool keeps them."""

from __future__ import annotations

from jobgen.errors import JobgenError
from jobgen.plan.builder import PlanBuilder
from jobgen.plan.model import UPDATE_DATABASE
from jobgen.plan.table_change import TableChange, WriteMigration


def put_migration(
    builder: PlanBuilder, write: WriteMigration | None, change: TableChange
) -> tuple[str, ...]:
    """Add the files of a migration to the plan.

    Args:
        builder: The plan. A migration that cannot be written blocks it.
        write: Writes the migration; None if `jobgen migrate` changes the database.
        change: What the migration does.

    Returns:
        The steps that update the database.
    """
    if write is None:
        return (UPDATE_DATABASE,)
    try:
        migration = write((change,))
    except JobgenError as error:
        builder.add_error(error)
        return ()
    for path, content in migration.files.items():
        builder.put_new(path, content)
    return migration.steps
