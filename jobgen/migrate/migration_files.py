"""Writes a migration as files to the project's folder of migrations."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path, PurePosixPath

from jobgen.errors import JobgenError, UsageError
from jobgen.migrate.difference import Phase
from jobgen.migrate.migration import Migration
from jobgen.migrate.script import LOCK_TIMEOUT, SETTINGS, phase_scripts
from jobgen.plan.migration_prefixes import MigrationPrefixes
from jobgen.plan.model import FileChange, Plan

_SETTINGS = {
    Phase.RUNTIME: "",
    Phase.SCHEMA_FILE: "",
    Phase.VALUES: f"SET lock_timeout = '{LOCK_TIMEOUT}';\n",
    Phase.TRANSACTION: "".join(f"SET {setting};\n" for setting in SETTINGS),
    # CREATE INDEX CONCURRENTLY waits for other transactions without blocking them.
    Phase.ONLINE: "",
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
# One file for each phase, because tools run a file in one transaction.
_SUFFIXES = {
    Phase.RUNTIME: "-jobgen-runtime",
    Phase.SCHEMA_FILE: "",
    Phase.VALUES: "-values",
    Phase.TRANSACTION: "",
    Phase.ONLINE: "-concurrently",
}


def check_name(name: str) -> str:
    """Return the name of a migration if it can be part of a file's name.

    Raises:
        UsageError: It cannot.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is not a valid name for a migration.",
            hint="Use letters, digits, `-` and `_`, as in add-customers.",
        )
    return name


def plan_files(
    root: Path, folder: PurePosixPath, name: str, migration: Migration, now: datetime
) -> Plan:
    """Return the plan that writes a migration to `folder`, one file for each phase.

    The names begin with the folder's next number, or with the time `now` in a folder whose files
    begin with times or that has none. A phase is not written where a file of the folder has
    exactly its text.

    Raises:
        JobgenError: The folder cannot be read.
    """
    existing = _read_files(root, folder)
    changes: list[FileChange] = []
    prefixes = MigrationPrefixes(sorted(existing), now)
    for phase, text in phase_scripts(migration):
        encoded = f"{_SETTINGS[phase]}{text}".encode()
        if encoded in existing.values():
            continue
        path = folder / f"{prefixes.next()}-{name}{_SUFFIXES[phase]}.sql"
        changes.append(FileChange(path, before=None, after=encoded))
    return Plan(generator="migrate", args={"write": name}, changes=tuple(changes))


def _read_files(root: Path, folder: PurePosixPath) -> dict[str, bytes]:
    try:
        return {path.name: path.read_bytes() for path in (root / folder).glob("*.sql")}
    except OSError as error:
        raise JobgenError(f"{folder} cannot be read: {error.strerror}.") from None
