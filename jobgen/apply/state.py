"""The tool's own folder in a project: `.jobgen/` with its lock, journal and receipts."""

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
"""How many changes back `jobgen undo` can go."""


class State:
    """Paths in `.jobgen/` of the project at `root`, and what is read there. Makes nothing
    until it is locked."""

    def __init__(self, root: Path) -> None:
        self.folder = root / STATE_FOLDER
        self.journal = self.folder / "journal" / "pending.json"
        self.receipts = self.folder / "receipts"

    def prepare(self) -> None:
        """Make the folders, unseen by git. Raises JobgenError where that cannot be."""
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
                f"{STATE_FOLDER}/ cannot be made in the project: {error.strerror}."
                " Nothing was changed."
            ) from None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the project alone; waits for another jobgen that is at work in it."""
        self.prepare()
        with (self.folder / "lock").open("a+b") as file:
            _lock(file.fileno())
            try:
                yield
            finally:
                _unlock(file.fileno())

    def pending(self) -> ChangeRecord | None:
        """The journal of an application that is under way, or was cut short."""
        return _read(self.journal)

    def receipt_path(self, number: int) -> Path:
        return self.receipts / f"{number:06}.json"

    def undone_path(self, number: int) -> Path:
        """Where the record of an undo goes; while it is there, the receipt is undone."""
        return self.receipts / f"{number:06}.undone.json"

    def numbers(self) -> list[int]:
        """The receipts that are there, oldest first, undone ones included."""
        try:
            names = os.listdir(self.receipts)  # noqa: PTH208 - names alone are wanted
        except OSError:
            return []
        return sorted({int(name[:6]) for name in names if name[:6].isdigit()})

    def last_receipt(self) -> ChangeRecord | None:
        """The receipt of the last change that was not undone."""
        for number in reversed(self.numbers()):
            if not self.undone_path(number).exists():
                receipt = _read(self.receipt_path(number))
                if receipt is not None:
                    return receipt
        return None

    def prune(self) -> None:
        """Drop receipts that are undone or too old; what cannot be dropped stays."""
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
            f"{path} cannot be read: {error}.", hint="If it is of no use to you, delete it."
        ) from None


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        held = False
        while not held:
            os.lseek(descriptor, 0, os.SEEK_SET)
            with suppress(OSError):  # LK_LOCK gives up after ten seconds
                msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
                held = True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
