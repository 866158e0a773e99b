"""The expected errors of jobgen, and its exit codes."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of the `jobgen` command.

    Attributes:
        DONE: The command succeeded, or there was nothing to do.
        ERROR: Something in the project or in the environment is wrong.
        USAGE: A name, an argument or an option is invalid.
        PENDING: `--check` found changes, or differences are left for the user.
        CONFLICT: A file differs from what the plan expects.
    """

    DONE = 0
    ERROR = 1
    USAGE = 2
    PENDING = 3
    CONFLICT = 4


class JobgenError(Exception):
    """An expected error, which is printed without a traceback.

    Attributes:
        message: What is wrong and where, as a sentence.
        hint: What to do about it; None if nothing more can be said.
    """

    exit_code = ExitCode.ERROR

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(JobgenError):
    """A name, an argument or an option is invalid."""

    exit_code = ExitCode.USAGE


class ConflictError(JobgenError):
    """A file is not as the plan expects."""

    exit_code = ExitCode.CONFLICT
