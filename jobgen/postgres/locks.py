"""File locks: one command at a time, and a lock that is held exactly while a server lives."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jobgen.errors import JobgenError

if sys.platform != "win32":
    import fcntl

_STEP = 0.01


class LockTimeoutError(JobgenError):
    """Somebody else has held the lock for longer than we wait."""


@contextmanager
def locked(path: Path, *, patience: float, holder: str) -> Iterator[int]:
    """Hold the lock on `path`, made if need be: the open file's number.

    A process that inherits that number holds the lock too, until it ends, however it
    ends; that is how a server's life can be told without trusting process ids.

    Raises:
        LockTimeoutError: `holder` has not let go of it within `patience` seconds.
    """
    try:
        number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise JobgenError(f"cannot open {path}: {error.strerror}") from error
    try:
        deadline = time.monotonic() + patience
        while not _try(number, path):
            if time.monotonic() >= deadline:
                raise LockTimeoutError(
                    f"{holder} still holds {path}", hint="Try again in a moment."
                )
            time.sleep(_STEP)
        yield number
    finally:
        os.close(number)


def is_held(path: Path) -> bool:
    """Whether any process holds the lock on `path` at this moment."""
    try:
        number = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise JobgenError(f"cannot open {path}: {error.strerror}") from error
    try:
        return not _try(number, path)
    finally:
        os.close(number)


def _try(number: int, path: Path) -> bool:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in {errno.EAGAIN, errno.EACCES}:
            return False
        raise JobgenError(
            f"cannot lock {path}: {error.strerror}",
            hint="The file system of this folder has no locks: set DATABASE_URL.",
        ) from error
    return True
