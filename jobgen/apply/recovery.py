"""The way back: out of an application that failed, or was cut short by a kill."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from jobgen.apply.disk import Disk, read_or_none, reason, stat_or_none
from jobgen.apply.journal import ChangedFile, ChangeRecord
from jobgen.apply.state import State
from jobgen.errors import JobgenError
from jobgen.plan.model import content_digest


def recover(root: Path, disk: Disk | None = None) -> None:
    """Reverse an application that was cut short in the project at `root`, if there is one.

    Waits for an application that is still under way. Files that were changed by hand since
    are left as they are, and named in the JobgenError that is raised then.
    """
    state = State(root)
    if not is_interrupted(root):
        return
    with state.locked():
        record = state.pending()
        if record is not None:
            roll_back(root, state, record, disk or Disk())


def is_interrupted(root: Path) -> bool:
    """Whether an application is under way in the project, or was cut short; writes nothing."""
    return State(root).journal.exists()


def roll_back(root: Path, state: State, record: ChangeRecord, disk: Disk) -> None:
    """Put every file and folder back to what `record` found; it can be run again.

    The caller holds the project's lock.
    """
    try:
        for folder in record.removed:
            if not (root / folder).exists():
                disk.make_folder(root / folder)
        foreign = [str(e.path) for e in record.files if not _restore(root, e, disk)]
        for folder in reversed(record.made):
            disk.remove_folder(root / folder)
        disk.remove(state.journal)
        disk.remove(state.journal.with_suffix(".tmp"))
    except OSError as error:
        raise JobgenError(
            f"A change was cut short, and could not be reversed: {reason(error)}.",
            hint="Put that right; the next jobgen command in the project then reverses it.",
        ) from error
    if foreign:
        raise JobgenError(
            f"A change was cut short and has been reversed, but not in {', '.join(foreign)}:"
            " changed by hand since.",
            hint="Look through what is named, then run the command again.",
        )


def _restore(root: Path, entry: ChangedFile, disk: Disk) -> bool:
    """Put one file back; False where its contents are neither those before nor those after."""
    target = Path(os.path.realpath(root / entry.path))
    staged = target.with_name(entry.staged)
    disk.remove(staged)
    current = read_or_none(target)
    now = content_digest(current)
    if now == entry.before:
        return True
    if now != entry.after:
        return False
    content = entry.restored(current)
    if content is None:
        disk.remove(target)
        return True
    mode = 0o644 if entry.mode is None else entry.mode
    disk.write_new(staged, content, mode, exact=True, owner=stat_or_none(target))
    disk.replace(staged, target)
    with suppress(OSError):
        disk.sync_folder(target.parent)
    return True
