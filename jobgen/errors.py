"""What jobgen tells a person when it cannot go on."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """How a `jobgen` process ends."""

    DONE = 0
    ERROR = 1
    USAGE = 2
    PENDING = 3
    CONFLICT = 4


class JobgenError(Exception):
    """An expected fault: shown as its message and hint, without a traceback.

    `message` says what is wrong and where; `hint` says what to do about it.
    """

    exit_code = ExitCode.ERROR

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(JobgenError):
    """A name, an argument or an option that cannot be meant."""

    exit_code = ExitCode.USAGE


class ConflictError(JobgenError):
    """The files are not what the plan was made for."""

    exit_code = ExitCode.CONFLICT
