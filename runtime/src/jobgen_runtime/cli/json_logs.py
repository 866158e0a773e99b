"""Format log records as JSON, whatever is in them."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

_MAX_DEPTH = 10
"""Levels of lists and objects in a value; what is deeper is written as text."""


class JsonFormatter(logging.Formatter):
    """Format a record as one JSON object in one line, with the keys of the record's `extra`."""

    _STANDARD_KEYS = frozenset(logging.makeLogRecord({}).__dict__) | {
        *("message", "context", "job", "job_id", "attempt", "process_number")
    }

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON. Values that JSON does not have are written as text."""
        attributes = record.__dict__
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            "process": attributes["process_number"],
            "job": attributes["job"],
            "id": attributes["job_id"],
            "attempt": attributes["attempt"],
            "exception": self._exception(record),
            "stack": record.stack_info,
        }
        extra = {key: value for key, value in attributes.items() if key not in self._STANDARD_KEYS}
        present = {key: value for key, value in (extra | fields).items() if value is not None}
        try:
            return json.dumps(present, default=str, allow_nan=False)
        except Exception:  # noqa: BLE001 -- objects of the application may raise anything
            return json.dumps(_plain(present), allow_nan=False)

    def _exception(self, record: logging.LogRecord) -> str | None:
        if not record.exc_info or record.exc_text:
            return record.exc_text
        try:
            return self.formatException(record.exc_info)
        except Exception:  # noqa: BLE001 -- an exception's `__str__` may raise anything
            return _text(record.exc_info)


def _message(record: logging.LogRecord) -> str:
    try:
        return str(record.getMessage())
    except Exception:  # noqa: BLE001 -- arguments may raise anything, or not fit
        return f"{_text(record.msg)} {_text(record.args)}"


def _plain(value: object, inside: frozenset[int] = frozenset()) -> object:
    """Return the value in the types of JSON; any other value as text.

    Args:
        value: Any object.
        inside: The ids of the lists and dictionaries that the value is in.
    """
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int or kind is float:
        # JSON has no infinity, and Python writes no integer of thousands of digits.
        text = _text(value)
        return value if text[-1:].isdigit() else text
    if id(value) in inside or len(inside) == _MAX_DEPTH:
        return _text(value)
    try:
        return _plain_collection(value, inside | {id(value)})
    except Exception:  # noqa: BLE001 -- a collection may raise anything when it is read
        return _text(value)


def _plain_collection(value: object, inside: frozenset[int]) -> object:
    if isinstance(value, Mapping):
        return {_text(key): _plain(item, inside) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item, inside) for item in value]
    return _text(value)


def _text(value: object) -> str:
    """Return the value as text; a word in place of one that cannot be written."""
    for write in (str, repr):
        with suppress(Exception):
            return str.__str__(write(value))
    return "<object that cannot be written>"
