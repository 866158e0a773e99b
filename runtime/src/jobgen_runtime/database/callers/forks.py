"""Refuse connections that a process shares with the one that it was forked from."""

from __future__ import annotations

import os
from weakref import WeakKeyDictionary

from jobgen_runtime.database.callers.wrong_arguments import UnusableConnection

_used_by = WeakKeyDictionary[object, int]()
"""The process that has first used each connection here."""


def require_own_process(driver: object) -> None:
    """Check that no statement of a parent process can get mixed up with those of this one.

    A connection is known from its first use for a record on.

    Raises:
        UnusableConnection: The connection was used before this process was forked.
    """
    try:
        is_shared = _used_by.setdefault(driver, os.getpid()) != os.getpid()
    except TypeError:  # An application's own class of connections may not allow weak references.
        return
    if is_shared:
        raise UnusableConnection(
            "The connection was opened before this process was forked, and its parent uses it too.",
            hint="Open connections in the new process: there, call `connections.close_all()` with "
            "Django, or `engine.dispose(close=False)` with SQLAlchemy, before the first statement.",
        )
