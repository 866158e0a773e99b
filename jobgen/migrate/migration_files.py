"""A migration as files in the project's folder of migrations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

from jobgen.errors import JobgenError, UsageError
from jobgen.migrate.difference import Phase
from jobgen.migrate.migration import Migration
from jobgen.migrate.script import phase_scripts
from jobgen.plan.model import FileChange, Plan

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_FILE = re.compile(r"(\d+)-.*\.sql")
# Each phase is a file of its own, because tools run a file in one transaction.
_SUFFIXES = {
    Phase.RUNTIME: "-jobgen-runtime",
    Phase.VALUES: "-values",
    Phase.TRANSACTION: "",
    Phase.ONLINE: "-concurrently",
}
_TIMESTAMP_DIGITS = 14


def check_name(name: str) -> str:
    """The name of a migration as it stands in its files' names. Raises UsageError."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be a migration's name",
            hint="Take letters, digits, `-` and `_`, such as add-customers.",
        )
    return name


def plan_files(
    root: Path, folder: PurePosixPath, name: str, migration: Migration, now: datetime
) -> Plan:
    """The plan that writes the migration to `folder`, one file for each phase.

    The files are numbered on where the folder's are, and else by the time `now`. A phase
    that a file in the folder has already, to the byte, is not written again.
    """
    there = _existing(root, folder)
    changes: list[FileChange] = []
    prefixes = _Prefixes(sorted(there), now)
    for phase, text in phase_scripts(migration):
        encoded = text.encode()
        if encoded in there.values():
            continue
        path = folder / f"{prefixes.next()}-{name}{_SUFFIXES[phase]}.sql"
        changes.append(FileChange(path, before=None, after=encoded))
    return Plan(generator="migrate", args={"write": name}, changes=tuple(changes))


def _existing(root: Path, folder: PurePosixPath) -> dict[str, bytes]:
    try:
        return {path.name: path.read_bytes() for path in (root / folder).glob("*.sql")}
    except OSError as error:
        raise JobgenError(f"cannot read {folder}: {error.strerror}") from None


class _Prefixes:
    """The numbers that files begin with, in the manner of those that are there."""

    def __init__(self, names: Sequence[str], now: datetime) -> None:
        numbers = [match[1] for name in names if (match := _FILE.fullmatch(name))]
        last = max(numbers, key=int, default=None)
        self._now = now
        self._counter = None if last is None or _is_time(last) else (int(last), len(last))
        self._last_time = last if last is not None and _is_time(last) else ""

    def next(self) -> str:
        if self._counter is not None:
            number, width = self._counter
            self._counter = (number + 1, width)
            return str(number + 1).zfill(width)
        while (stamp := self._now.strftime("%Y%m%d%H%M%S")) <= self._last_time:
            self._now += timedelta(seconds=1)
        self._last_time = stamp
        return stamp


def _is_time(number: str) -> bool:
    return len(number) == _TIMESTAMP_DIGITS
