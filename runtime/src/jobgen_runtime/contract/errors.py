"""The errors that the runtime raises for people to read."""

from __future__ import annotations

from typing import Any


class JobgenRuntimeError(Exception):
    """An expected error, which the command line prints without a traceback.

    Attributes:
        message: What is wrong, and where.
        hint: What to do about it; None if there is nothing to add.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message if hint is None else f"{message}\n{hint}")
        self.message = message
        self.hint = hint


class UnknownName(JobgenRuntimeError, LookupError):
    """A command was given a name that matches nothing, or more than one thing."""


class RecordNotFound(JobgenRuntimeError, LookupError):
    """The table has no row with the given primary key."""


class NoDatabase(JobgenRuntimeError):
    """No database is configured, its address is invalid, or it cannot be reached."""


class QueryMismatch(JobgenRuntimeError):
    """The columns of a query's result do not match the record."""


class InvalidJob(JobgenRuntimeError, TypeError):
    """A job class has an invalid option or method."""


class HookMisused(JobgenRuntimeError):
    """A hook did not call `call_next` exactly once, so the attempt has failed."""


class TransactionNotAllowed(JobgenRuntimeError):
    """A job's `transaction()` was called where it cannot be opened.

    A job can open one, inside its own `perform`, and can commit it once.
    """


class TransactionEnded(JobgenRuntimeError):
    """Code inside a job's `transaction()` has committed it or rolled it back with a statement."""


class ClaimLost(JobgenRuntimeError):
    """The job no longer belongs to this worker, so its writes were rejected."""


class WaitNotAllowed(JobgenRuntimeError):
    """A job was waited for where the wait would, or could, never end."""


class WaitTimedOut(JobgenRuntimeError, TimeoutError):
    """A job had not ended within the time that `wait` was given. The job goes on."""


class JobRunning(JobgenRuntimeError):
    """The job cannot be retried or deleted while it runs. Nothing was changed."""


class DuplicateJob(JobgenRuntimeError):
    """A unique index of the table allows one such job at a time, and there is another.

    Raised by `create`, `create_many` and `retry`. The transaction of the caller can go on, if
    Generated/Types.py has the index.

    Attributes:
        existing: The record of the other job, as it was read after the statement; None if it is
            not known: from `create_many` and `retry`, and if a trigger changes the new row.
    """

    def __init__(
        self, message: str, *, hint: str | None = None, existing: Any | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.existing = existing


class ChangeSuppressed(JobgenRuntimeError):
    """A trigger, a rule or a policy of the table suppressed the change. Nothing was written."""


class TransitionSuppressed(ChangeSuppressed):
    """The job was not changed: its table's triggers or policies suppressed the statement."""


class ProjectError(JobgenRuntimeError):
    """The project cannot be found or loaded."""


class ModuleFailed(ProjectError):
    """A module of the project raises an error when it is imported; that is the cause."""


class TypesFileNewer(ProjectError, AttributeError, TypeError):
    """Generated/Types.py uses what this version of the runtime does not have."""


class SchemaError(JobgenRuntimeError):
    """The database is missing something that the runtime needs."""
