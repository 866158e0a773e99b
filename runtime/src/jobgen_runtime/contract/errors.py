"""What the runtime tells a person when it cannot go on."""

from __future__ import annotations


class JobgenRuntimeError(Exception):
    """An expected fault: the command line shows its message and hint, without a traceback.

    `message` says what is wrong and where; `hint` says what to do about it.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message if hint is None else f"{message}\n{hint}")
        self.message = message
        self.hint = hint


class UnknownName(JobgenRuntimeError, LookupError):
    """A command was given a name that nothing, or more than one thing, has."""


class RecordNotFound(JobgenRuntimeError, LookupError):
    """No row has the key that was asked for."""


class NoDatabase(JobgenRuntimeError):
    """Nothing says where the database is."""


class QueryMismatch(JobgenRuntimeError):
    """A query's result does not fit the record it is read into."""


class InvalidJob(JobgenRuntimeError, TypeError):
    """A job class that cannot be run as it is written."""


class NoTransaction(JobgenRuntimeError):
    """`transaction()` of a job that is not the one that runs, or that has ended already."""


class ClaimLost(JobgenRuntimeError):
    """The job belongs to another worker by now: what its transaction wrote is rolled back."""


class JobRunning(JobgenRuntimeError):
    """What was ordered has to wait until the job has ended; nothing has changed."""


class TwinWaiting(JobgenRuntimeError):
    """The job cannot start over: a unique index of its table allows only one such job at a time."""


class ProjectError(JobgenRuntimeError):
    """The project cannot be found or loaded."""


class SchemaError(JobgenRuntimeError):
    """The database lacks what the runtime stands on."""
