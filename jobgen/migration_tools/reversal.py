"""Find what keeps migrations from being deleted when a change is undone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jobgen.plan.model import Issue, IssueKind, Plan
from jobgen.project.migration_tool import alembic_place
from jobgen.project.models import app_label

_REVISION = re.compile(r"^revision(?:: str)? = ['\"](\w+)['\"]$", re.MULTILINE)
_DOWN_REVISION = re.compile(r"^down_revision.*= ['\"](\w+)['\"]$", re.MULTILINE)
_CONNECT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class DeletedMigration:
    """A migration that is to be deleted.

    Attributes:
        path: Its file.
        identity: Alembic's identifier, or the app and the name of Django's migration.
        previous: The name of the one before; "zero" or "base" for none.
    """

    path: PurePosixPath
    identity: tuple[str, ...]
    previous: str

    @property
    def name(self) -> str:
        """The name by which a later migration refers to it."""
        return self.identity[-1]

    def reverse(self, root: Path) -> str:
        """Return the command that reverses it, in the project at `root`."""
        if len(self.identity) == 1:
            place = alembic_place(root)
            tool = "alembic" if place is None else place.command
            return f"{tool} downgrade {self.previous}"
        return f"python manage.py migrate {self.identity[0]} {self.previous}"


def deleted_migrations(root: Path, plan: Plan) -> list[DeletedMigration]:
    """Return the migrations that a plan deletes, those of Alembic or of Django."""
    return [
        found
        for change in plan.pending
        if change.after is None and (found := _migration(root, change.path, change.before or b""))
    ]


def migration_issues(
    root: Path, deleted: Sequence[DeletedMigration], urls: Sequence[str]
) -> list[Issue]:
    """Return an issue for each migration that must not be deleted yet.

    Args:
        root: The project's root.
        deleted: The migrations.
        urls: The addresses of the database; the first one counts. One that does not answer is not
            asked.
    """
    import psycopg

    from jobgen.migration_tools.applied import is_applied

    paths = {migration.path for migration in deleted}
    issues = [
        _issue(migration, f"{later} follows it", f"Delete or change {later} first.")
        for migration in deleted
        if (later := _later(root, migration, paths)) is not None
    ]
    if issues or not urls:
        return issues
    try:
        with psycopg.connect(urls[0], autocommit=True, connect_timeout=_CONNECT_SECONDS) as conn:
            applied = [each for each in deleted if is_applied(conn, each.identity)]
    except psycopg.Error:
        return []
    return [
        _issue(each, "the database has it", f"Reverse it there first: `{each.reverse(root)}`.")
        for each in applied
    ]


def _migration(root: Path, path: PurePosixPath, content: bytes) -> DeletedMigration | None:
    text = content.decode(errors="replace")
    revision = _REVISION.search(text)
    if revision is not None and "down_revision" in text:
        down = _DOWN_REVISION.search(text)
        return DeletedMigration(path, (revision[1],), down[1] if down else "base")
    if "migrations.RunSQL" in text and re.match(r"\d{4}_", path.name):
        label = app_label(root / path.parent.parent)
        before = re.search(rf'\("{label}", "(\w+)"\)', text)
        return DeletedMigration(path, (label, path.stem), before[1] if before else "zero")
    return None


def _later(root: Path, migration: DeletedMigration, deleted: set[PurePosixPath]) -> str | None:
    """Return the file of a migration in the same folder that follows one, and is not deleted."""
    word = re.compile(rf"\b{re.escape(migration.name)}\b")
    for file in sorted((root / migration.path.parent).glob("*.py")):
        path = migration.path.parent / file.name
        if path in deleted:
            continue
        try:
            if word.search(file.read_text(encoding="utf-8")):
                return str(path)
        except (OSError, ValueError):
            continue
    return None


def _issue(migration: DeletedMigration, reason: str, hint: str) -> Issue:
    return Issue(
        IssueKind.PROJECT,
        f"{migration.path} cannot be deleted: {reason}.",
        path=migration.path,
        hint=hint,
    )
