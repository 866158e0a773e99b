"""The log records of a child process: its worker handles them."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

from jobgen_runtime.contract.trace_ids import note_trace
from jobgen_runtime.executor.forks import is_fork

_PLAIN_TYPES = (str, int, float, bool, type(None))


class LogForwarder(logging.Handler):
    """Send log records to the worker, whose handlers decide what to do with them."""

    def __init__(self, send: Callable[[object], None]) -> None:
        """Send records with this function, as plain objects."""
        super().__init__()
        self._send = send
        self._formatter = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        """Send the record, with objects replaced by their text."""
        try:
            plain = logging.makeLogRecord(record.__dict__)
            note_trace(plain)
            plain.msg, plain.args = _message(record), None
            if is_fork():
                # The connection is the worker's with the process that this one was forked from.
                sys.stderr.write(f"{record.levelname} {self.format(record)}\n")
                return
            if record.exc_info and not record.exc_text:
                plain.exc_text = self._formatter.formatException(record.exc_info)
            plain.exc_info = None
            plain.__dict__ = {_plain(k): _plain(v) for k, v in plain.__dict__.items()}
            self._send(plain)
        except Exception:  # noqa: BLE001 -- as logging's own handlers do
            self.handleError(record)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 -- arguments that do not fit the message
        return f"{_plain_text(record.msg)} {_plain_text(record.args)}"


def _plain(value: Any) -> Any:
    return value if type(value) in _PLAIN_TYPES else _plain_text(value)


def _plain_text(value: object) -> str:
    try:
        return str.__str__(repr(value))
    except Exception:  # noqa: BLE001 -- objects of the job may raise anything
        return "<object that cannot be written>"
