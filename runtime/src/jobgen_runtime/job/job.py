"""`Job`: a kind of job, with its record, its options and its code."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import Any, ClassVar, Generic, Literal, TypeVar

from jobgen_runtime.contract.errors import InvalidJob
from jobgen_runtime.contract.states import JobRow
from jobgen_runtime.job.hooks import check_around
from jobgen_runtime.job.options import check_options
from jobgen_runtime.job.perform import is_async_perform
from jobgen_runtime.job.type_arguments import type_argument
from jobgen_runtime.retry import Backoff, ConstantBackoff
from jobgen_runtime.schedule import Recurrence

R = TypeVar("R", bound=JobRow)


class Job(ABC, Generic[R]):
    """A kind of job. Derive from `Job[TheRecord]` and write `perform`.

    The options are class attributes. They are checked when the class is defined, and InvalidJob is
    raised for an invalid one. One instance of the class runs all jobs of a worker, so keep no state
    in it.
    """

    max_attempts: ClassVar[int] = 10
    """Attempts until a job has failed permanently; 0 and 1 both mean that it is not retried."""

    timeout: ClassVar[timedelta | None] = None
    """How long one attempt may take; None: without a limit."""

    slow_after: ClassVar[timedelta | None] = None
    """How long an attempt may run until its stack is logged, once; None: never."""

    max_concurrency: ClassVar[int] = 16
    """Jobs of this kind that one worker process runs at once; 1 runs them one after the other."""

    global_concurrency: ClassVar[int | None] = None
    """Jobs of this kind that all workers together run at once; None: without a limit."""

    strict_order: ClassVar[bool] = False
    """Whether a job that waits for its next attempt holds back all later ones.

    Requires that jobs run one at a time: `max_concurrency = 1` or, over all workers,
    `global_concurrency = 1`.
    """

    backoff: ClassVar[Backoff] = ConstantBackoff(timedelta(seconds=30))
    """The delay between two attempts."""

    isolation: ClassVar[Literal["process"] | None] = None
    """Where a synchronous `perform` runs: in a thread of the worker (None), or in a child process.

    A child process ("process") can be ended by a timeout, and its crash fails only its own job.
    """

    schedule: ClassVar[Recurrence | Sequence[Recurrence] | None] = None
    """When a job is inserted regularly: `Cron(…)`, `Every(…)` or several of them; None: never."""

    keep: ClassVar[timedelta | None] = None
    """For how long the row of a succeeded job is kept after its end; None: forever."""

    keep_failed: ClassVar[timedelta | None] = None
    """For how long the row of a job that failed or timed out is kept; None: forever.

    It does not follow `keep`: a failure stays until someone has decided what becomes of it.
    """

    expires_after: ClassVar[timedelta | None] = None
    """How long after its `run_at` an attempt may begin; None: without a limit.

    A job that could not begin in time fails, without being run or retried.
    """

    on_failed: ClassVar[type[Job[Any]] | None] = None
    """The kind of job that reports a permanent failure; None: failures are not reported.

    A row of its table is inserted in the statement that ends the failed job. The table has the
    columns `failed_table` and `failed_id`, and may have `failed_error`.
    """

    keep_attempts: ClassVar[bool] = False
    """Whether each attempt is recorded in `job_attempts`, by the statement that ends it."""

    record: ClassVar[type[JobRow]]
    """The record class: the type argument of `Job[…]`."""

    @abstractmethod
    def perform(self, job: R) -> Awaitable[None] | None:
        """Run the job; to be written in the derived class.

        `async def` runs on the worker's event loop, `def` in a thread or a child process. The job
        succeeds if this returns, and fails if it raises, or returns something that has yet to be
        awaited, iterated over or called. It may raise `Snooze` and `Cancel`.
        """

    def around(self, job: R, call_next: Any) -> Awaitable[None] | None:  # noqa: ARG002 -- for hooks
        """Run an attempt: a hook, to be written in the derived class.

        A class whose `perform` is async writes `async def around`, and awaits `call_next()` once.
        Any other writes `def around` and calls it. The hooks of the project run around this one.

        Args:
            job: The argument of `perform`.
            call_next: Runs `perform`, and raises what it raises; a `CallNext` or a `CallNextSync`.
        """
        result: Awaitable[None] | None = call_next()
        return result

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        if "record" not in cls.__dict__:
            _take_record(cls, type_argument(cls, Job))
        check_options(cls)
        check_around(cls, inspect.getattr_static(Job, "around"))

    @classmethod
    def is_async(cls) -> bool:
        """Return whether `perform` runs on the event loop."""
        return is_async_perform(cls)


def _take_record(cls: type[Job[Any]], record: object) -> None:
    if record is None or isinstance(record, TypeVar):
        return
    if not isinstance(record, type) or not hasattr(record, "__table__"):
        raise InvalidJob(
            f"{cls.__qualname__}: Job[…] takes the record of a job table, not {record!r}.",
            hint="Write class EmailCustomers(Job[EmailCustomersJob]), "
            "with EmailCustomersJob from Generated.Types.",
        )
    cls.record = record
