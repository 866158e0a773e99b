"""File locks: one for a single command at a time, one held exactly while a server runs."""

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

_POLL_SECONDS = 0.01


class LockTimeoutError(JobgenError):
    """Another process held the lock until the timeout."""


@contextmanager
def locked(path: Path, *, timeout: float, holder: str) -> Iterator[int]:
    """Hold the lock on a file during the block, and yield the descriptor of the open file.

    A process that inherits the descriptor holds the lock too, until it exits for any reason. This
    shows whether a server runs without trusting process ids.

    Args:
        path: The file, created if it does not exist.
        timeout: How long to wait for the lock, in seconds.
        holder: The other process, for the error message.

    Raises:
        LockTimeoutError: Another process held the lock until the timeout.
        JobgenError: The file cannot be opened, or its file system has no locks.
    """
    try:
        number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise JobgenError(f"{path} cannot be opened: {error.strerror}.") from error
    try:
        deadline = time.monotonic() + timeout
        while not _try_lock(number, path):
            if time.monotonic() >= deadline:
                raise LockTimeoutError(
                    f"{holder} still holds the lock {path}.", hint="Try again in a moment."
                )
            time.sleep(_POLL_SECONDS)
        yield number
    finally:
        os.close(number)


def is_held(path: Path) -> bool:
    """Return whether a process holds the lock on `path` at this moment.

    Raises:
        JobgenError: The file cannot be opened, or its file system has no locks.
    """
    try:
        number = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise JobgenError(f"{path} cannot be opened: {error.strerror}.") from error
    try:
        return not _try_lock(number, path)
    finally:
        os.close(number)


def _try_lock(number: int, path: Path) -> bool:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in {errno.EAGAIN, errno.EACCES}:
            return False
        raise JobgenError(
            f"{path} cannot be locked: {error.strerror}.",
            hint="The file system of this folder has no locks. Set DATABASE_URL instead.",
        ) from error
    return True
