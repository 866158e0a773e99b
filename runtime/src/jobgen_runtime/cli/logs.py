"""Log lines for people."""

from __future__ import annotations

import logging
import os
import sys

from jobgen_runtime.executor import current_job

_COLOURS = {
    logging.DEBUG: "\033[2m",
    logging.WARNING: "\033[33m",
    logging.ERROR: "\033[31m",
    logging.CRITICAL: "\033[1;31m",
}
_NORMAL = "\033[0m"


class _AboutJob(logging.Filter):
    """Adds to each record which job's code it comes from, as `job`, `job_id` and `attempt`.

    `process` is the number of a process that is one of several.
    """

    def __init__(self, process: int | None) -> None:
        super().__init__()
        self._source = f"process {process}: " if process else ""

    def filter(self, record: logging.LogRecord) -> bool:
        context = current_job.get()
        record.job = context.job if context else None
        record.job_id = context.id if context else None
        record.attempt = context.attempt if context else None
        record.about = self._source + (f"[{context}] " if context else "")
        return True


class _Lines(logging.Formatter):
    def __init__(self, *, colours: bool) -> None:
        super().__init__("%(asctime)s %(levelname)s %(about)s%(message)s", "%H:%M:%S")
        self._colours = colours

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        colour = _COLOURS.get(record.levelno) if self._colours else None
        return f"{colour}{line}{_NORMAL}" if colour else line


def set_up(level: int = logging.INFO, *, process: int | None = None) -> None:
    """Sends all log lines to standard error, coloured on a terminal unless NO_COLOR is set.

    `process`: the number of this process, if it is one of several.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_AboutJob(process))
    handler.setFormatter(_Lines(colours=sys.stderr.isatty() and not os.environ.get("NO_COLOR")))
    logging.basicConfig(level=level, handlers=[handler])
    # The pool logs each failed attempt to connect, which the worker says once already.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    # What a job prints must be seen when it prints it, into a pipe too.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True)
