"""Folders outside the project: for sockets, for copies, and for data that cannot stay in it."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
from pathlib import Path
from typing import Literal

from jobgen.errors import JobgenError
from jobgen.postgres.account import Account

# A socket's whole path has at most 103 bytes on macOS and 107 on Linux, of which
# "/jobgen-" and 16 digits, "/.s.PGSQL.65535.lock" and some reserve take 50.
_LONGEST_TEMPORARY_FOLDER = 50
# The server splits its list of socket folders at commas and trims blanks.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")


def short_temporary_folder() -> Path:
    """The system's temporary folder if sockets fit into it, else /tmp."""
    folder = tempfile.gettempdir()
    fits = len(os.fsencode(folder)) <= _LONGEST_TEMPORARY_FOLDER and _PLAIN_PATH.fullmatch(folder)
    return Path(folder if fits else "/tmp")  # noqa: S108 - only folders made in it are used


def digest(path: Path) -> str:
    """16 hexadecimal digits that stand for a path."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def socket_folder(project: Path, account: Account) -> Path:
    """The project's socket folder, made if need be: the same at every start where it can be.

    Its mode of 0700 is all that keeps other users out of the database, so a folder
    of that name which somebody else made is left alone, and another name is used.
    """
    parent = short_temporary_folder()
    folder = parent / f"jobgen-{digest(project)}"
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not is_private(folder, account):
            folder = Path(tempfile.mkdtemp(prefix="jobgen-", dir=parent))
            account.own(folder)
    else:
        account.own(folder)
    return folder


def is_private(folder: Path, account: Account) -> bool:
    """Whether this is a real folder of the account's own, closed to all others."""
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
    """Where this user's jobgen keeps files outside of projects; made if need be.

    Root's is a system folder, because root's home is closed to the account that the
    server runs as. Others' follows the XDG base directories.
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
            f"cannot make the folder {folder}: {error.strerror}",
            hint="Run jobgen as an ordinary user in a folder of theirs, or set DATABASE_URL.",
        ) from error
    if folder.stat().st_uid != os.geteuid():
        raise JobgenError(f"{folder} belongs to somebody else", hint="Move it away.")
    return folder
