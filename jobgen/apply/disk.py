"""The few things that applying does to a disk, each one step that can fail or be cut short."""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from jobgen.errors import JobgenError


class Disk:
    """The real file system. Tests hand in another that fails at a step of their choice."""

    def make_folder(self, path: Path) -> None:
        """Make a folder whose parent is there."""
        path.mkdir()

    def remove_folder(self, path: Path) -> None:
        """Remove an empty folder; one that is in use or gone is left as it is."""
        try:
            path.rmdir()
        except OSError as error:
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT}:
                raise

    def write_new(
        self,
        path: Path,
        content: bytes,
        mode: int,
        *,
        exact: bool = False,
        owner: os.stat_result | None = None,
    ) -> None:
        """Write a file that is not there yet, down to the disk.

        Its mode is `mode` less the umask, or, if `exact`, `mode` itself; its owner that of
        `owner`, where that is given and allowed.
        """
        binary: int = getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | binary, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if owner is not None:
                _give(path, owner)
            if exact:
                path.chmod(mode)
            os.fsync(descriptor)

    def replace(self, source: Path, target: Path) -> None:
        """Put `source` in the place of `target`, in one step."""
        source.replace(target)

    def remove(self, path: Path) -> None:
        """Remove a file; one that is gone already is no fault."""
        path.unlink(missing_ok=True)

    def sync_folder(self, path: Path) -> None:
        """Make what was created, replaced and removed in a folder survive a power cut."""
        if sys.platform == "win32":
            return
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _give(path: Path, to: os.stat_result) -> None:
    """Give a file the owner of another, where that is allowed."""
    if sys.platform != "win32" and (to.st_uid, to.st_gid) != (os.geteuid(), os.getegid()):
        with suppress(PermissionError):
            os.chown(path, to.st_uid, to.st_gid)


def read_or_none(path: Path) -> bytes | None:
    """The file's contents; None where there is no file."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def stat_or_none(path: Path) -> os.stat_result | None:
    """What the file system says of a path, links followed; None where nothing is there."""
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def require_writable(path: Path, shown: str) -> None:
    """Refuse a file or folder whose mode forbids writing.

    Replacing a file needs no right to write the file itself, and root may write anything: so
    the mode alone says what its owner wants. Raises JobgenError.
    """
    status = stat_or_none(path)
    if status is None:
        return
    if not status.st_mode & 0o222 or not os.access(path, os.W_OK):
        what = "folder" if stat.S_ISDIR(status.st_mode) else "file"
        raise JobgenError(
            f"{shown} cannot be written: the {what} is read-only. Nothing was changed.",
            hint=f"Allow it with: chmod u+w {shown}",
        )


def reason(error: OSError) -> str:
    """What an error of the operating system means, with the file that it is about."""
    text = "the disk is full" if error.errno == errno.ENOSPC else (error.strerror or str(error))
    return f"{text} ({error.filename})" if error.filename else text
