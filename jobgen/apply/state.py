"""The folder `.jobgen/` in a project, with its lock, its journal and its receipts."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from jobgen_runtime.project import STATE_FOLDER

from jobgen.apply.disk import require_writable
from jobgen.apply.journal import ChangeRecord
from jobgen.errors import JobgenError

KEPT_RECEIPTS = 50
"""The number of changes that `jobgen undo` can reverse."""


class StateFolder:
    """The folder `.jobgen/` of the project at `root`; created by the first lock."""

    def __init__(self, root: Path) -> None:
        self.folder = root / STATE_FOLDER
        self.journal = self.folder / "journal" / "pending.json"
        self.receipts = self.folder / "receipts"

    def prepare(self) -> None:
        """Create the folder and its subfolders, ignored by git.

        Raises:
            JobgenError: The folder cannot be created.
        """
        if not self.folder.exists():
            require_writable(self.folder.parent, "The project's folder")
        try:
            for folder in (self.folder, self.journal.parent, self.receipts):
                folder.mkdir(exist_ok=True)
            ignore = self.folder / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n")
        except OSError as error:
            raise JobgenError(
                f"{STATE_FOLDER}/ cannot be created in the project: {error.strerror}."
                " Nothing was changed."
            ) from None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the project's lock, after waiting for other jobgen processes.

        Raises:
            JobgenError: The folder for the lock cannot be created.
        """
        self.prepare()
        with (self.folder / "lock").open("a+b") as file:
            _lock(file.fileno())
            try:
                yield
            finally:
                _unlock(file.fileno())

    def pending(self) -> ChangeRecord | None:
        """Return the journal of the change that is being applied or was interrupted.

        Raises:
            JobgenError: The journal cannot be read.
        """
        return _read(self.journal)

    def receipt_path(self, number: int) -> Path:
        """Return the path of a change's receipt."""
        return self.receipts / f"{number:06}.json"

    def undone_path(self, number: int) -> Path:
        """Return the path of the undo's own record; its presence marks the receipt as undone."""
        return self.receipts / f"{number:06}.undone.json"

    def numbers(self) -> list[int]:
        """Return the numbers of all receipts, oldest first, including undone ones."""
        try:
            names = os.listdir(self.receipts)  # noqa: PTH208 -- only the names are needed
        except OSError:
            return []
        return sorted({int(name[:6]) for name in names if name[:6].isdigit()})

    def applied(self) -> Iterator[ChangeRecord]:
        """Yield the receipts of the changes that were not undone, the latest first.

        Raises:
            JobgenError: A receipt cannot be read.
        """
        for number in reversed(self.numbers()):
            if not self.undone_path(number).exists():
                receipt = _read(self.receipt_path(number))
                if receipt is not None:
                    yield receipt

    def prune(self) -> None:
        """Delete receipts that are undone or too old; ignore those that cannot be deleted."""
        numbers = self.numbers()
        for number in numbers:
            undone = self.undone_path(number)
            if undone.exists() or number in numbers[:-KEPT_RECEIPTS]:
                with suppress(OSError):
                    self.receipt_path(number).unlink(missing_ok=True)
                    undone.unlink(missing_ok=True)


def _read(path: Path) -> ChangeRecord | None:
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise JobgenError(f"{path} cannot be read: {error.strerror}.") from None
    try:
        return ChangeRecord.from_json(content)
    except ValueError as error:
        raise JobgenError(
            f"{path} cannot be read: {error}.", hint="Delete the file if you do not need it."
        ) from None


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        locked = False
        while not locked:
            os.lseek(descriptor, 0, os.SEEK_SET)
            with suppress(OSError):  # LK_LOCK gives up after ten seconds
                msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
                locked = True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
