"""Keep the runtime's log lines, whatever the application does to Python's logging.

`logging.config` disables all loggers that its configuration does not name, unless told otherwise,
and `logging.disable` or a filter that raises affects all loggers of a process. The log lines of a
worker must not stop by accident. Only settings that name the logger `jobgen` apply.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

_NAME = "jobgen"


class _ProtectedLogger(logging.Logger):
    """A logger that is silent only if its level, or that of `jobgen`, says so.

    Its records go where the application's logging sends them. Where it sends them nowhere, or
    raises, they go to the fallback.
    """

    fallback: logging.Handler
    _cache: dict[int, bool]

    @property
    def disabled(self) -> bool:
        """Return False: `logging.config` and `logging.disable` do not apply."""
        return False

    @disabled.setter
    def disabled(self, _value: bool) -> None:
        pass

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 -- logging's name
        """Return whether records of that level are logged, by the logger's level alone."""
        try:
            return self._cache[level]
        except KeyError:
            is_enabled = self._cache[level] = level >= self.getEffectiveLevel()
            return is_enabled

    def makeRecord(self, name: str, level: int, *arguments: Any, **more: Any) -> logging.LogRecord:  # noqa: N802 -- logging's name
        """Return the record; if the application's record factory raises, make it without that."""
        try:
            return super().makeRecord(name, level, *arguments, **more)
        except Exception:  # noqa: BLE001 -- a factory may raise anything
            path, line, message, values, exception = arguments[:5]
            return logging.LogRecord(name, level, path, line, message, values, exception)

    def handle(self, record: logging.LogRecord) -> None:
        """Log the record, also if a filter or a handler raises."""
        try:
            super().handle(record)
        except BaseException:  # noqa: BLE001 -- a filter may raise SystemExit too; the worker must go on
            self._fall_back(record)

    def callHandlers(self, record: logging.LogRecord) -> None:  # noqa: N802 -- logging's name
        """Pass the record to the handlers of this logger and those above it."""
        if _has_handler(self):
            super().callHandlers(record)
        else:
            self._fall_back(record)

    def _fall_back(self, record: logging.LogRecord) -> None:
        with suppress(Exception):
            self.fallback.handle(record)


def _has_handler(logger: logging.Logger | None) -> bool:
    """Return whether records of the logger go anywhere.

    A NullHandler counts below `jobgen`, where it is meant for the runtime.
    """
    while logger is not None:
        is_root = logger.parent is None
        if any(not (is_root and isinstance(each, logging.NullHandler)) for each in logger.handlers):
            return True
        logger = logger.parent if logger.propagate else None
    return False


def protect_loggers(level: int, fallback: logging.Handler) -> None:
    """Keep the lines of the loggers below `jobgen` that exist now.

    Args:
        level: Their level, apart from that of the root logger.
        fallback: The handler for records that the application's logging does not take.
    """
    top = logging.getLogger(_NAME)
    top.setLevel(level)
    _ProtectedLogger.fallback = fallback
    for logger in list(logging.Logger.manager.loggerDict.values()):
        # One of another class is the application's own.
        if type(logger) is logging.Logger and f"{logger.name}.".startswith(f"{_NAME}."):
            logger.__class__ = _ProtectedLogger
