"""Applies a plan to the disk: all of it or nothing, whatever fails in between.

The order of the steps carries the guarantee:

1. check that every file is as the plan says, and may be written;
2. write the journal, which knows the way back, down to the disk;
3. make folders, and stage every new file beside its target: a full disk ends it here;
4. replace and remove, one file after the other;
5. move the journal to the receipts: this one rename is the moment of truth.

A failure before 5 reverses what was done; after a kill, the next jobgen in the project does.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path, PurePosixPath
from stat import S_IMODE

from jobgen.apply.disk import Disk, read_or_none, reason, require_writable, stat_or_none
from jobgen.apply.journal import ChangedFile, ChangeRecord, Reversal
from jobgen.apply.recovery import roll_back
from jobgen.apply.state import State
from jobgen.errors import ConflictError, JobgenError
from jobgen.plan.model import FileChange, Plan, content_digest

_NEW_FILE_MODE = 0o644


def apply_plan(
    root: Path, plan: Plan, *, undoes: ChangeRecord | None = None, disk: Disk | None = None
) -> None:
    """Bring the files below `root` to what `plan` says, all or none of them.

    With `undoes`, the receipt that the plan reverses, its folders are removed where they are
    empty, and the receipt is used up; otherwise a receipt of this plan is kept. Raises
    ConflictError where a file is not what the plan was made for, JobgenError where something
    cannot be written; both leave every file as it was.
    """
    if plan.issues:
        raise JobgenError("A plan with issues cannot be applied.")
    if not plan.pending and undoes is None:
        return
    disk = disk or Disk()
    state = State(root)
    with state.locked():
        pending = state.pending()
        if pending is not None:
            roll_back(root, state, pending, disk)
        try:
            check(root, plan)
            record = _change_record(root, state, plan, undoes)
        except OSError as error:
            raise JobgenError(
                f"The change could not be written: {reason(error)}. Nothing was changed."
            ) from error
        _apply(root, state, record, plan, disk)
        state.prune()


def check(root: Path, plan: Plan) -> None:
    """Refuse a plan whose files have changed since it was made, or cannot be written."""
    stale = [str(change.path) for change in plan.changes if not _holds(root, change)]
    if stale:
        raise ConflictError(
            f"Changed since the plan was made: {', '.join(stale)}. Nothing was changed.",
            hint="Make the plan again.",
        )
    for change in plan.pending:
        target = real_path(root, change.path)
        require_writable(target, str(change.path))
        folder = target.parent
        while not folder.exists():
            folder = folder.parent
        shown = change.path.parent if folder == (root / change.path).parent else folder
        require_writable(folder, str(shown))


def real_path(root: Path, path: PurePosixPath) -> Path:
    """Where a file really is: a symbolic link is written through, and stays."""
    return Path(os.path.realpath(root / path))


def _holds(root: Path, change: FileChange) -> bool:
    try:
        return read_or_none(root / change.path) == change.before
    except OSError:
        return False


def _change_record(
    root: Path, state: State, plan: Plan, undoes: ChangeRecord | None
) -> ChangeRecord:
    number = undoes.number if undoes else max(state.numbers(), default=0) + 1
    files: list[ChangedFile] = []
    for index, change in enumerate(plan.pending):
        target = real_path(root, change.path)
        status = stat_or_none(target)
        files.append(
            ChangedFile(
                path=change.path,
                before=content_digest(change.before),
                after=content_digest(change.after),
                reversal=Reversal.of(change.before or b"", change.after or b""),
                mode=None if status is None else S_IMODE(status.st_mode),
                staged=f".jobgen-{os.getpid()}-{number}-{index}.tmp",
            )
        )
    return ChangeRecord(
        number=number,
        generator=plan.generator,
        args=plan.args,
        files=tuple(files),
        made=_missing_folders(root, plan),
        removed=undoes.made if undoes else (),
        undoes=undoes.number if undoes else None,
    )


def _missing_folders(root: Path, plan: Plan) -> tuple[PurePosixPath, ...]:
    """The folders that the plan's files need and that are not there, parents first."""
    missing: dict[PurePosixPath, None] = {}
    for change in plan.pending:
        if change.after is not None:
            for folder in reversed(change.path.parents):
                if not (root / folder).exists():
                    missing[folder] = None
    return tuple(missing)


def _apply(root: Path, state: State, record: ChangeRecord, plan: Plan, disk: Disk) -> None:
    goal = state.receipt_path(record.number)
    if record.undoes is not None:
        goal = state.undone_path(record.undoes)
    try:
        _write_journal(state, record, disk)
        _change_files(root, record, plan, disk)
        disk.replace(state.journal, goal)
    except OSError as error:
        roll_back(root, state, record, disk)
        raise JobgenError(
            f"The change could not be written: {reason(error)}. Nothing was changed."
        ) from error
    except BaseException:
        roll_back(root, state, record, disk)
        raise
    with suppress(OSError):  # it is applied, whether or not the rename is on the disk yet
        disk.sync_folder(state.receipts)
        disk.sync_folder(state.journal.parent)


def _write_journal(state: State, record: ChangeRecord, disk: Disk) -> None:
    half = state.journal.with_suffix(".tmp")
    disk.remove(half)
    disk.write_new(half, record.to_json(), 0o600)
    disk.replace(half, state.journal)
    disk.sync_folder(state.journal.parent)


def _change_files(root: Path, record: ChangeRecord, plan: Plan, disk: Disk) -> None:
    for folder in record.made:
        disk.make_folder(root / folder)
    changes = list(zip(record.files, plan.pending, strict=True))
    for entry, change in changes:
        if change.after is not None:
            target = real_path(root, change.path)
            mode = next(m for m in (change.mode, entry.mode, _NEW_FILE_MODE) if m is not None)
            exact = entry.mode is not None or record.undoes is not None
            staged = target.with_name(entry.staged)
            owner = stat_or_none(target)
            disk.write_new(staged, change.after, mode, exact=exact, owner=owner)
    folders = {(root / folder).parent: None for folder in record.made}
    for entry, change in changes:
        target = real_path(root, change.path)
        if change.after is None:
            disk.remove(target)
        else:
            disk.replace(target.with_name(entry.staged), target)
        folders[target.parent] = None
    for folder in reversed(record.removed):
        disk.remove_folder(root / folder)
    for path in folders:
        if path.exists():
            disk.sync_folder(path)
