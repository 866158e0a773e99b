"""Apply a plan to the disk, all of it or nothing, whatever fails in between.

The order of the steps carries the guarantee:

1. Check that every file is as the plan expects, and that it may be written.
2. Write the journal, which says how to restore every file, and flush it to the disk.
3. Create the folders, and stage every new file next to its target. A full disk fails here.
4. Replace and remove the files, one by one.
5. Move the journal to the receipts, or remove it if no receipt is kept. This commits the change.

A failure before step 5 rolls the change back. After a kill, the next jobgen process in the
project does.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path, PurePosixPath
from stat import S_IMODE

from jobgen.apply.disk import Disk, describe_error, read_or_none, require_writable, stat_or_none
from jobgen.apply.journal import ChangedFile, ChangeRecord, Reversal
from jobgen.apply.recovery import roll_back
from jobgen.apply.state import StateFolder
from jobgen.errors import ConflictError, JobgenError
from jobgen.plan.model import FileChange, Plan, content_digest

_NEW_FILE_MODE = 0o644


def apply_plan(
    root: Path,
    plan: Plan,
    *,
    undoes: ChangeRecord | None = None,
    keeps_receipt: bool = True,
    disk: Disk | None = None,
) -> ChangeRecord | None:
    """Apply the plan to the files below `root`, all of them or none.

    Args:
        root: The folder that the plan's paths are relative to.
        plan: The plan, without issues.
        undoes: The receipt that the plan reverses. The folders that the change created are
            removed if they are empty, and the receipt is marked as undone. None keeps a
            receipt of this plan.
        keeps_receipt: Whether `jobgen undo` is to know the change. False for a file that follows
            others, which undo makes again.
        disk: The disk to write to; None for the real one.

    Returns:
        The receipt of the change; None if the plan changes nothing.

    Raises:
        ConflictError: A file changed after the plan was made. No file was changed.
        JobgenError: Something cannot be written. No file was changed.
    """
    if plan.issues:
        raise JobgenError("A plan with issues cannot be applied.")
    if not plan.pending and undoes is None:
        return None
    disk = disk or Disk()
    state = StateFolder(root)
    with state.locked():
        pending = state.pending()
        if pending is not None:
            roll_back(root, state, pending, disk)
        try:
            require_applicable(root, plan)
            record = _change_record(root, state, plan, undoes)
        except OSError as error:
            raise JobgenError(
                f"The change could not be written: {describe_error(error)}. Nothing was changed."
            ) from error
        receipt = state.receipt_path(record.number) if keeps_receipt else None
        if undoes is not None:
            receipt = state.undone_path(undoes.number)
        _apply(root, state, record, plan, disk, receipt=receipt)
        state.prune()
    return record


def require_applicable(root: Path, plan: Plan) -> None:
    """Check that the plan still fits the files below `root`, and that they can be written.

    Raises:
        ConflictError: A file changed after the plan was made.
        JobgenError: A file or a folder is read-only.
    """
    stale = [str(change.path) for change in plan.changes if not _is_unchanged(root, change)]
    if stale:
        raise ConflictError(
            f"Files changed since the plan was made: {', '.join(stale)}. Nothing was changed.",
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
    """Return where a file really is; a symbolic link stays, and its target is written."""
    return Path(os.path.realpath(root / path))


def _is_unchanged(root: Path, change: FileChange) -> bool:
    try:
        return read_or_none(root / change.path) == change.before
    except OSError:
        return False


def _change_record(
    root: Path, state: StateFolder, plan: Plan, undoes: ChangeRecord | None
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
        created_folders=_missing_folders(root, plan),
        removed_folders=undoes.created_folders if undoes else (),
        undoes=undoes.number if undoes else None,
    )


def _missing_folders(root: Path, plan: Plan) -> tuple[PurePosixPath, ...]:
    """Return the missing folders that the plan's files need, parents first."""
    missing: dict[PurePosixPath, None] = {}
    for change in plan.pending:
        if change.after is not None:
            for folder in reversed(change.path.parents):
                if not (root / folder).exists():
                    missing[folder] = None
    return tuple(missing)


def _apply(
    root: Path,
    state: StateFolder,
    record: ChangeRecord,
    plan: Plan,
    disk: Disk,
    *,
    receipt: Path | None,
) -> None:
    """Change the files; `receipt` is where the journal moves, None to remove it."""
    try:
        _write_journal(state, record, disk)
        _change_files(root, record, plan, disk)
        if receipt is None:
            disk.remove(state.journal)
        else:
            disk.replace(state.journal, receipt)
    except OSError as error:
        roll_back(root, state, record, disk)
        raise JobgenError(
            f"The change could not be written: {describe_error(error)}. Nothing was changed."
        ) from error
    except BaseException:
        roll_back(root, state, record, disk)
        raise
    with suppress(OSError):  # applied, whether or not the rename is flushed to the disk yet
        disk.sync_folder(state.receipts)
        disk.sync_folder(state.journal.parent)


def _write_journal(state: StateFolder, record: ChangeRecord, disk: Disk) -> None:
    partial = state.journal.with_suffix(".tmp")
    disk.remove(partial)
    disk.write_new(partial, record.to_json(), 0o600)
    disk.replace(partial, state.journal)
    disk.sync_folder(state.journal.parent)


def _change_files(root: Path, record: ChangeRecord, plan: Plan, disk: Disk) -> None:
    for folder in record.created_folders:
        disk.make_folder(root / folder)
    changes = list(zip(record.files, plan.pending, strict=True))
    for file, change in changes:
        if change.after is not None:
            target = real_path(root, change.path)
            mode = next(m for m in (change.mode, file.mode, _NEW_FILE_MODE) if m is not None)
            exact = file.mode is not None or record.undoes is not None
            staged = target.with_name(file.staged)
            owner = stat_or_none(target)
            disk.write_new(staged, change.after, mode, exact=exact, owner=owner)
    folders = {(root / folder).parent: None for folder in record.created_folders}
    for file, change in changes:
        target = real_path(root, change.path)
        if change.after is None:
            disk.remove(target)
        else:
            disk.replace(target.with_name(file.staged), target)
        folders[target.parent] = None
    for folder in reversed(record.removed_folders):
        disk.remove_folder(root / folder)
    for path in folders:
        if path.exists():
            disk.sync_folder(path)
