"""Says how far a long build of an index is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from jobgen.migrate.reading import Connection

_EVERY = 2.0
"""Seconds between two lines; what is done sooner says nothing."""
_QUERY = (
    "SELECT phase, CASE WHEN blocks_total > 0 THEN 100 * blocks_done / blocks_total END"
    " FROM pg_stat_progress_create_index WHERE pid = %s"
)


@contextmanager
def index_progress(
    url: str, conn: Connection, what: str, note: Callable[[str], None]
) -> Iterator[None]:
    """Tell `note` every two seconds of how far the statement on `conn` is."""
    pid = conn.info.backend_pid
    ended = threading.Event()

    def watch() -> None:
        if ended.wait(_EVERY):
            return
        try:
            with psycopg.connect(url, autocommit=True) as watcher:
                while True:
                    row = watcher.execute(_QUERY, (pid,)).fetchone()
                    phase, percent = row or ("at work", None)
                    note(f"  {what}: {phase}{'' if percent is None else f', {percent} %'}")
                    if ended.wait(_EVERY):
                        return
        except psycopg.Error as error:
            note(f"  {what}: at work (its progress cannot be read: {error})")

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
