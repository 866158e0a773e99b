"""Roll back a change that failed, or that a kill interrupted."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from jobgen.apply.disk import Disk, describe_error, read_or_none, stat_or_none
from jobgen.apply.journal import ChangedFile, ChangeRecord
from jobgen.apply.state import StateFolder
from jobgen.errors import JobgenError
from jobgen.plan.model import content_digest


def recover(root: Path, disk: Disk | None = None) -> None:
    """Roll back the interrupted change in the project at `root`, if there is one.

    Waits for another process that is still applying its change.

    Raises:
        JobgenError: A file could not be restored, or was edited since and is left as it is.
    """
    state = StateFolder(root)
    if not is_interrupted(root):
        return
    with state.locked():
        record = state.pending()
        if record is not None:
            roll_back(root, state, record, disk or Disk())


def is_interrupted(root: Path) -> bool:
    """Return whether a change is being applied in the project, or was interrupted."""
    return StateFolder(root).journal.exists()


def roll_back(root: Path, state: StateFolder, record: ChangeRecord, disk: Disk) -> None:
    """Restore every file and folder to its state before the change; can be repeated.

    The caller holds the project's lock.

    Raises:
        JobgenError: A file could not be restored, or was edited since and is left as it is.
    """
    try:
        for folder in record.removed_folders:
            if not (root / folder).exists():
                disk.make_folder(root / folder)
        edited = [str(file.path) for file in record.files if not _restore(root, file, disk)]
        for folder in reversed(record.created_folders):
            disk.remove_folder(root / folder)
        disk.remove(state.journal)
        disk.remove(state.journal.with_suffix(".tmp"))
    except OSError as error:
        raise JobgenError(
            f"A change was interrupted and could not be rolled back: {describe_error(error)}.",
            hint="Correct the cause; the next jobgen command in the project rolls it back.",
        ) from error
    if edited:
        raise JobgenError(
            f"A change was interrupted and has been rolled back, except in {', '.join(edited)},"
            " which was edited since.",
            hint="Check what is named, then run the command again.",
        )


def _restore(root: Path, file: ChangedFile, disk: Disk) -> bool:
    """Restore one file; return False if its contents are neither those before nor after."""
    target = Path(os.path.realpath(root / file.path))
    staged = target.with_name(file.staged)
    disk.remove(staged)
    current = read_or_none(target)
    digest = content_digest(current)
    if digest == file.before:
        return True
    if digest != file.after:
        return False
    content = file.restored(current)
    if content is None:
        disk.remove(target)
        return True
    mode = 0o644 if file.mode is None else file.mode
    disk.write_new(staged, content, mode, exact=True, owner=stat_or_none(target))
    disk.replace(staged, target)
    with suppress(OSError):
        disk.sync_folder(target.parent)
    return True
