"""Format log lines for people or as JSON."""

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
_RESET = "\033[0m"

LOG_FORMATS = ("text", "json")


class _ContextFilter(logging.Filter):
    """Add the job attempt and the process that a record comes from.

    The record gets `job`, `job_id`, `attempt` and `process_number`, each None where it does not
    apply, and all of them as text in `context`.
    """

    def __init__(self, process: int | None) -> None:
        super().__init__()
        self._number = process
        self._prefix = f"process {process}: " if process else ""

    def filter(self, record: logging.LogRecord) -> bool:
        context = current_job.get()
        record.job = context.job if context else None
        record.job_id = context.id if context else None
        record.attempt = context.attempt if context else None
        record.process_number = self._number
        record.context = self._prefix + (f"[{context}] " if context else "")
        return True


class _TextFormatter(logging.Formatter):
    def __init__(self, *, colours: bool) -> None:
        super().__init__("%(asctime)s %(levelname)s %(context)s%(message)s", "%H:%M:%S")
        self._colours = colours

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        colour = _COLOURS.get(record.levelno) if self._colours else None
        return f"{colour}{line}{_RESET}" if colour else line


class _JsonFormatter(logging.Formatter):
    """Format a record as one JSON object, with the keys of the record's `extra`."""

    _STANDARD_KEYS = frozenset(logging.makeLogRecord({}).__dict__) | {
        *("message", "context", "job", "job_id", "attempt", "process_number")
    }

    def format(self, record: logging.LogRecord) -> str:
        attributes = record.__dict__
        exception = record.exc_text
        if record.exc_info and not exception:
            exception = self.formatException(record.exc_info)
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": attributes["process_number"],
            "job": attributes["job"],
            "id": attributes["job_id"],
            "attempt": attributes["attempt"],
            "exception": exception,
            "stack": record.stack_info,
        }
        extra = {key: value for key, value in attributes.items() if key not in self._STANDARD_KEYS}
        present = {key: value for key, value in (extra | fields).items() if value is not None}
        return json.dumps(present, default=str)


def configure_logging(
    level: int = logging.INFO, *, log_format: str = LOG_FORMATS[0], process: int | None = None
) -> None:
    """Send all log lines to standard error.

    Text is coloured on a terminal unless NO_COLOR is set.

    Args:
        level: The lowest level to log.
        log_format: One of LOG_FORMATS.
        process: The number of this process; None unless it is one of several.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_ContextFilter(process))
    colours = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    is_json = log_format == "json"
    handler.setFormatter(_JsonFormatter() if is_json else _TextFormatter(colours=colours))
    logging.basicConfig(level=level, handlers=[handler])
    # The pool logs each failed attempt to connect, which the worker logs once already.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    # The output of jobs must appear at once, also in a pipe.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True)
