"""Write the change of a job's table as a revision of Alembic."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jobgen_runtime.database import SCHEMA_VERSION

from jobgen.migration_tools.project_python import ask
from jobgen.migration_tools.sql_text import sql_literal
from jobgen.plan.alembic_hint import ALEMBIC_HINT
from jobgen.plan.table_change import MigrationFiles, TableChange
from jobgen.project import Project
from jobgen.project.existing import alembic_compares_jobs
from jobgen.project.migration_tool import AlembicPlace
from jobgen.project.paths import below

_BOUND_PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w)")
"""The colon of what SQLAlchemy's text() takes for a parameter."""

_UNKNOWN = 'raise NotImplementedError("Write the statements that reverse upgrade().")'
_CREATE = f"create_runtime_schema(op, {SCHEMA_VERSION})"


def write_revisions(
    project: Project, place: AlembicPlace, changes: Sequence[TableChange]
) -> MigrationFiles:
    """Return the revisions of changes, after one of the runtime's schema where it is needed.

    Raises:
        JobgenError: The revisions cannot be read, or have several heads.
    """
    answer = ask(
        project,
        "alembic_revisions",
        {
            "ini": str(place.ini),
            "location": place.location and str(place.location),
            "runtime": SCHEMA_VERSION,
            "first_runtime_revision": _revision(
                "jobgen runtime schema",
                _CREATE,
                "drop_runtime_schema(op)",
                imports="from jobgen_runtime.alembic import create_runtime_schema,"
                " drop_runtime_schema",
            ),
            "runtime_revision": _revision(
                f"jobgen runtime schema {SCHEMA_VERSION}",
                _CREATE,
                "pass  # later versions only add to the schema, and workers of earlier ones use it",
                imports="from jobgen_runtime.alembic import create_runtime_schema",
            ),
            "revisions": [
                _revision(each.summary, _upgrade(each), _operations(each.downgrade) or _UNKNOWN)
                for each in changes
            ],
        },
    )
    files = {below(project.root, path): text.encode() for path, text in answer["files"].items()}
    previous = (answer["head"],) if answer["head"] else ()
    steps = [f"Update the database: {place.upgrade}"]
    if alembic_compares_jobs(project.root):
        steps.append(ALEMBIC_HINT)
    return MigrationFiles(files, tuple(steps), previous)


def _revision(message: str, upgrades: str, downgrades: str, imports: str = "") -> dict[str, str]:
    return {
        "message": message,
        "upgrades": upgrades,
        "downgrades": downgrades,
        "imports": imports,
    }


def _upgrade(change: TableChange) -> str:
    """Return the operations of a change, outside of a transaction if they need that."""
    if change.is_transaction:
        return _operations(change.upgrade)
    block = _operations(change.upgrade).replace("\n    op.", "\n        op.")
    return f"with op.get_context().autocommit_block():\n        {block}"


def _operations(statements: Sequence[str]) -> str:
    """Return the calls that run statements, as Alembic's template indents them."""
    escaped = (_BOUND_PARAMETER.sub(r"\\:", statement) for statement in statements)
    return "\n    ".join(f"op.execute({sql_literal(each, 4)})" for each in escaped)
