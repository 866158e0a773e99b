"""Folders outside the project: for sockets, copied programs, and data that cannot be in it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Literal

from jobgen.errors import JobgenError
from jobgen.postgres.account import Account

# The path of a socket has at most 103 bytes on macOS and 107 on Linux. "/jobgen-" with
# 16 digits, "/.s.PGSQL.65535.lock" and a reserve take 50 of them.
_LONGEST_TEMPORARY_FOLDER = 50
# The server splits its list of socket folders at commas and trims spaces.
_MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 -- only new folders in it are used
_ENOUGH_MEMORY = 4 << 30
"""Free bytes. A container has 64 MiB, unless it was started with `--shm-size`."""
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")


def short_temporary_folder() -> Path:
    """Return the system's temporary folder if a socket's path can be in it, otherwise /tmp."""
    folder = tempfile.gettempdir()
    fits = len(os.fsencode(folder)) <= _LONGEST_TEMPORARY_FOLDER and _PLAIN_PATH.fullmatch(folder)
    return Path(folder if fits else "/tmp")  # noqa: S108 -- only new folders in it are used


def memory_folder() -> Path | None:
    """Return a folder whose files are in memory; None without one, or where TMPDIR names another.

    Creating the thousand files of a cluster there takes a tenth of the time.
    """
    if os.environ.get("TMPDIR") or not os.access(_MEMORY_FOLDER, os.W_OK | os.X_OK):
        return None
    space = os.statvfs(_MEMORY_FOLDER)
    return _MEMORY_FOLDER if space.f_bavail * space.f_frsize >= _ENOUGH_MEMORY else None


def path_digest(path: Path) -> str:
    """Return 16 hexadecimal digits that identify a path."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def socket_folder(project: Path, account: Account) -> Path:
    """Return the project's socket folder, created if it does not exist.

    It is the same at every start, unless another user has created a folder of that name. Its
    mode of 0700 is the database's only protection from other users, so that folder is left
    unchanged and another name is used.
    """
    parent = short_temporary_folder()
    folder = parent / f"jobgen-{path_digest(project)}"
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not is_private(folder, account):
            folder = Path(tempfile.mkdtemp(prefix="jobgen-", dir=parent))
            account.own(folder)
    else:
        account.own(folder)
    return folder


def remove_socket_folder(folder: Path) -> None:
    """Remove a folder that `socket_folder` has created, and nothing else.

    The path may come from a file that someone else has written.
    """
    if folder.is_absolute() and folder.name.startswith("jobgen-"):
        shutil.rmtree(folder, ignore_errors=True)


def is_private(folder: Path, account: Account) -> bool:
    """Return whether this is a folder, not a link, that only the account can enter."""
    try:
        entry = folder.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(entry.st_mode)
        and entry.st_uid == account.uid
        and not stat.S_IMODE(entry.st_mode) & 0o077
    )


def state_folder(kind: Literal["cache", "data"]) -> Path:
    """Return the folder for this user's files outside of projects, created if it does not exist.

    For root it is a system folder, because the account that the server runs as cannot enter
    root's home. For other users it follows the XDG Base Directory Specification.

    Raises:
        JobgenError: It cannot be created, or belongs to another user.
    """
    if os.geteuid() == 0:
        folder = Path("/var/cache" if kind == "cache" else "/var/lib", "jobgen")
    else:
        variable, default = {
            "cache": ("XDG_CACHE_HOME", ".cache"),
            "data": ("XDG_DATA_HOME", ".local/share"),
        }[kind]
        folder = Path(os.environ.get(variable) or Path.home() / default, "jobgen")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            folder.chmod(0o755)
    except OSError as error:
        raise JobgenError(
            f"The folder {folder} cannot be created: {error.strerror}.",
            hint="Run jobgen as an ordinary user in a folder of that user, or set DATABASE_URL.",
        ) from error
    if folder.stat().st_uid != os.geteuid():
        raise JobgenError(f"{folder} belongs to another user.", hint="Move it away.")
    return folder


def copy_for_all(sources: Iterable[Path], target: Path, skipped: AbstractSet[str]) -> None:
    """Copy folders into the new folder `target`, which every user may read, unless it exists.

    Args:
        sources: The folders. Those that do not exist are left out.
        target: The folder for the copies.
        skipped: The names of subfolders that are left out.
    """
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    # Copied under another name and renamed, so that an incomplete copy is never used.
    partial = Path(tempfile.mkdtemp(dir=target.parent, prefix=".partial-"))
    try:
        for source in sources:
            if source.exists():
                _copy_readable(source, partial / source.name, skipped)
        partial.chmod(0o755)
        try:
            partial.rename(target)
        except OSError:
            if not target.exists():  # otherwise another process was faster
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _copy_readable(source: Path, target: Path, skipped: AbstractSet[str]) -> None:
    for folder, subfolders, names in os.walk(source):
        subfolders[:] = [name for name in subfolders if name not in skipped]
        copied = target / Path(folder).relative_to(source)
        copied.mkdir()
        copied.chmod(0o755)
        for name in names:
            original = Path(folder, name)
            shutil.copyfile(original, copied / name)
            (copied / name).chmod(0o755 if os.access(original, os.X_OK) else 0o644)
