"""Log lines, for people or as JSON."""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, datetime

from jobgen_runtime.contract.context import current_job

_COLOURS = {
    logging.DEBUG: "\033[2m",
    logging.WARNING: "\033[33m",
    logging.ERROR: "\033[31m",
    logging.CRITICAL: "\033[1;31m",
}
_NORMAL = "\033[0m"

FORMATS = ("text", "json")


class _AboutJob(logging.Filter):
    """Adds to each record which job's code it comes from, as `job`, `job_id` and `attempt`.

    `process` is the number of a process that is one of several, `process_number` in records.
    """

    def __init__(self, process: int | None) -> None:
        super().__init__()
        self._number = process
        self._source = f"process {process}: " if process else ""

    def filter(self, record: logging.LogRecord) -> bool:
        context = current_job.get()
        record.job = context.job if context else None
        record.job_id = context.id if context else None
        record.attempt = context.attempt if context else None
        record.process_number = self._number
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


class _Json(logging.Formatter):
    """One object a line. What `extra` adds to a record stands beside the rest."""

    _KNOWN = frozenset(logging.makeLogRecord({}).__dict__) | {
        *("message", "about", "job", "job_id", "attempt", "process_number")
    }

    def format(self, record: logging.LogRecord) -> str:
        about = record.__dict__
        exception = record.exc_text
        if record.exc_info and not exception:
            exception = self.formatException(record.exc_info)
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": about["process_number"],
            "job": about["job"],
            "id": about["job_id"],
            "attempt": about["attempt"],
            "exception": exception,
            "stack": record.stack_info,
        }
        more = {key: value for key, value in about.items() if key not in self._KNOWN}
        said = {key: value for key, value in (more | fields).items() if value is not None}
        return json.dumps(said, default=str)


def set_up(
    level: int = logging.INFO, *, form: str = FORMATS[0], process: int | None = None
) -> None:
    """Sends all log lines to standard error, coloured on a terminal unless NO_COLOR is set.

    `form`: one of FORMATS. `process`: the number of this process, if it is one of several.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_AboutJob(process))
    colours = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    handler.setFormatter(_Json() if form == "json" else _Lines(colours=colours))
    logging.basicConfig(level=level, handlers=[handler])
    # The pool logs each failed attempt to connect, which the worker says once already.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    # What a job prints must be seen when it prints it, into a pipe too.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True)
