"""Reports the progress of a long index build."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from jobgen.migrate.sql import read
from jobgen.migrate.target import Connection

_REPORT_SECONDS = 2.0
"""Seconds between two lines; a statement that finishes sooner reports nothing."""


@contextmanager
def report_index_progress(
    url: str, conn: Connection, what: str, note: Callable[[str], None]
) -> Iterator[None]:
    """Pass the progress of the statement on `conn` to `note` every two seconds."""
    pid = conn.info.backend_pid
    ended = threading.Event()

    def watch() -> None:
        if ended.wait(_REPORT_SECONDS):
            return
        try:
            with psycopg.connect(url, autocommit=True, client_encoding="utf8") as watcher:
                while True:
                    row = watcher.execute(read("index_progress").encode(), (pid,)).fetchone()
                    phase, percent = row or ("running", None)
                    note(f"  {what}: {phase}{'' if percent is None else f', {percent} %'}")
                    if ended.wait(_REPORT_SECONDS):
                        return
        except psycopg.Error as error:
            note(f"  {what}: running (its progress cannot be read: {error})")

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
