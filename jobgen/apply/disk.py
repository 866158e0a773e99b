"""The operations that applying a plan does on a disk, each a step that can fail."""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from jobgen.errors import JobgenError


class Disk:
    """The real file system; tests pass a disk that fails or stops at one operation."""

    def make_folder(self, path: Path) -> None:
        """Create a folder in an existing one."""
        path.mkdir()

    def remove_folder(self, path: Path) -> None:
        """Remove an empty folder; one with files in it stays, and a missing one is not an error."""
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
        """Create a file and flush it to the disk.

        Args:
            path: The file, which must not exist.
            content: Its contents.
            mode: Its permission bits, from which the umask is taken unless `exact` is set.
            exact: Ignore the umask.
            owner: The status of the file whose owner it gets, if that is allowed.
        """
        binary: int = getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | binary, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if owner is not None:
                _copy_owner(path, owner)
            if exact:
                path.chmod(mode)
            os.fsync(descriptor)

    def replace(self, source: Path, target: Path) -> None:
        """Rename `source` to `target`, replacing it atomically."""
        source.replace(target)

    def remove(self, path: Path) -> None:
        """Remove a file; a missing one is not an error."""
        path.unlink(missing_ok=True)

    def sync_folder(self, path: Path) -> None:
        """Flush a folder, so that the changes to its entries survive a power cut."""
        if sys.platform == "win32":
            return
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _copy_owner(path: Path, to: os.stat_result) -> None:
    """Give a file the owner of another, if that is allowed."""
    if sys.platform != "win32" and (to.st_uid, to.st_gid) != (os.geteuid(), os.getegid()):
        with suppress(PermissionError):
            os.chown(path, to.st_uid, to.st_gid)


def read_or_none(path: Path) -> bytes | None:
    """Return the file's contents, or None if there is no file."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def stat_or_none(path: Path) -> os.stat_result | None:
    """Return the status of a path, following links, or None if nothing is there."""
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def require_writable(path: Path, shown: str) -> None:
    """Refuse a file or a folder whose mode forbids writing.

    Replacing a file does not need write permission on the file itself, and root may write
    anything. So only the mode shows what the file's owner wants.

    Args:
        path: The file or folder; a missing one is accepted.
        shown: How the error names it.

    Raises:
        JobgenError: The file or folder is read-only.
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


def describe_error(error: OSError) -> str:
    """Return the text of an operating system error, with the file that it is about."""
    text = "the disk is full" if error.errno == errno.ENOSPC else (error.strerror or str(error))
    return f"{text} ({error.filename})" if error.filename else text
