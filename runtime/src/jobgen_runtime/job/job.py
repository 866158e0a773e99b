"""What a kind of job is: its record, its options, and what it does."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any, ClassVar, Generic, Literal, TypeVar, get_args, get_origin

from jobgen_runtime.contract import InvalidJob, JobRow
from jobgen_runtime.job.options import check_options
from jobgen_runtime.retry import Backoff, ConstantBackoff

R = TypeVar("R", bound=JobRow)


class Job(ABC, Generic[R]):
    """A kind of job: derive from `Job[TheRecord]` and write `perform`.

    The options are class attributes, checked when the class is defined; a wrong one raises
    InvalidJob. One object of the class runs all its jobs, so it should keep no state.
    """

    max_attempts: ClassVar[int] = 10
    """Runs of one job until it ends as failed; 0 and 1 both mean: never again."""

    timeout: ClassVar[timedelta | None] = None
    """How long one attempt may take; None: as long as it likes."""

    max_concurrency: ClassVar[int] = 16
    """Jobs of this kind at once in one worker process; 1 runs them one after the other."""

    global_concurrency: ClassVar[int | None] = None
    """Jobs of this kind at once over all workers; None: as many as their processes run."""

    strict_order: ClassVar[bool] = False
    """Whether a job that waits for its next attempt holds back all later ones. Only where one at
    a time runs: `max_concurrency = 1` or, over all workers, `global_concurrency = 1`."""

    backoff: ClassVar[Backoff] = ConstantBackoff(timedelta(seconds=30))
    """The wait between two attempts."""

    isolation: ClassVar[Literal["process"] | None] = None
    """Where a plain `perform` runs: None is a thread of the worker; "process" a process of its own,
    which a timeout really ends, and which takes nothing with it when it dies."""

    record: ClassVar[type[JobRow]]
    """The record's class, from the brackets of `Job[…]`."""

    @abstractmethod
    def perform(self, job: R) -> Awaitable[None] | None:
        """Does the job. `async def` runs on the worker's event loop, plain `def` in a thread."""

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        for base in getattr(cls, "__orig_bases__", ()):
            origin = get_origin(base)
            if isinstance(origin, type) and issubclass(origin, Job):
                _take_record(cls, get_args(base)[0])
        check_options(cls)

    @classmethod
    def is_async(cls) -> bool:
        """Whether `perform` runs on the event loop."""
        return inspect.iscoroutinefunction(inspect.unwrap(cls.perform))


def _take_record(cls: type[Job[Any]], record: object) -> None:
    if isinstance(record, TypeVar):
        return
    if not isinstance(record, type) or not hasattr(record, "__table__"):
        raise InvalidJob(
            f"{cls.__qualname__}: Job[…] takes the record of a job's table, not {record!r}.",
            hint="Write class EmailCustomers(Job[EmailCustomersJob]), "
            "with EmailCustomersJob from Generated.Types.",
        )
    cls.record = record
