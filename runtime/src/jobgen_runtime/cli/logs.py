"""Format log lines for people or as JSON."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from typing import TextIO

from jobgen_runtime.cli.json_logs import JsonFormatter
from jobgen_runtime.cli.protected_loggers import protect_loggers
from jobgen_runtime.contract.context import current_job
from jobgen_runtime.contract.trace_ids import note_trace

_COLOURS = {
    logging.DEBUG: "\033[2m",
    logging.WARNING: "\033[33m",
    logging.ERROR: "\033[31m",
    logging.CRITICAL: "\033[1;31m",
}
_RESET = "\033[0m"

LOG_FORMATS = ("text", "json")


class _ErrorOutput(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 -- the base's
        # A job may close the stream, and the base would write the error to it.
        with suppress(ValueError):
            super().handleError(record)


class _ContextFilter(logging.Filter):
    """Add the job attempt and the process that a record comes from.

    The record gets `job`, `job_id`, `attempt` and `process_number`, each None where it does not
    apply, and all of them as text in `context`; and the trace that it belongs to.
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
        note_trace(record)
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


def configure_logging(
    level: int = logging.INFO, *, log_format: str = LOG_FORMATS[0], process: int | None = None
) -> None:
    """Send all log lines to standard error, and keep those of the runtime from being silenced.

    Text is coloured on a terminal unless NO_COLOR is set.

    Args:
        level: The lowest level of the runtime's own lines. Other loggers log from INFO on at most:
            the debug lines of libraries are not what DEBUG is asked for.
        log_format: One of LOG_FORMATS.
        process: The number of this process; None unless it is one of several.
    """
    colours = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    formatter = JsonFormatter() if log_format == "json" else _TextFormatter(colours=colours)
    # The application can reach the handler of the root logger, but not the other one.
    handler, fallback = (_ErrorOutput(sys.stderr) for _ in range(2))
    for each in (handler, fallback):
        each.addFilter(_ContextFilter(process))
        each.setFormatter(formatter)
    logging.basicConfig(level=max(level, logging.INFO), handlers=[handler])
    protect_loggers(level, fallback)
    # The output of jobs must appear at once, also in a pipe.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True)
