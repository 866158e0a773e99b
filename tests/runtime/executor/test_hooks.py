"""Hooks around `perform`: their order, what they see, and those that do not call it once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar, copy_context
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from jobgen_runtime import (
    CallNext,
    CallNextSync,
    Cancel,
    Hook,
    Job,
    JobRecord,
    Snooze,
    Table,
    current_attempt,
)
from jobgen_runtime.contract.context import Fence, JobContext
from jobgen_runtime.contract.errors import InvalidJob
from jobgen_runtime.contract.outcomes import (
    Cancelled,
    Committed,
    Failed,
    Outcome,
    SnoozeFor,
    Succeeded,
    TimedOut,
)
from jobgen_runtime.executor import AsyncRunner, Execution, ThreadRunner
from jobgen_runtime.job.hooks import HookStyle, style_of

from tests.support.waiting import TIMEOUT


class HookedJob(JobRecord):
    __table__: ClassVar = Table("hooked_jobs", columns=("id",), key=("id",))


JOB = UUID(int=1)
seen: list[str] = []
tenant: ContextVar[str] = ContextVar("tenant", default="none")


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    seen.clear()


def run(job: Job[Any], *hooks: object) -> Outcome | Committed:
    """Run an attempt of the job inside its hooks and return its outcome."""

    async def outcome() -> Outcome | Committed:
        ended: asyncio.Future[Outcome | Committed] = asyncio.get_running_loop().create_future()
        due = datetime(2026, 1, 1, tzinfo=UTC)
        context = JobContext(
            *("Hooked", "hooked_jobs", JOB, 2, Fence(JOB, "")), due, due + timedelta(seconds=3)
        )
        runner = AsyncRunner(job, hooks) if job.is_async() else ThreadRunner(job, 1, hooks)
        record = HookedJob.__new__(HookedJob)
        Execution(record, context, runner, ended.set_result, copy_context())
        async with asyncio.timeout(TIMEOUT):
            return await ended

    return asyncio.run(outcome())


class Async(Job[HookedJob]):
    async def perform(self, job: HookedJob) -> None:  # noqa: ARG002 -- what a job is
        await asyncio.sleep(0)
        seen.append(f"perform for {tenant.get()}")


class AsyncWithHook(Async):
    async def around(self, job: HookedJob, call_next: CallNext) -> None:  # noqa: ARG002 -- as above
        seen.append("class before")
        await call_next()
        seen.append("class after")


class Sync(Job[HookedJob]):
    def perform(self, job: HookedJob) -> None:  # noqa: ARG002 -- what a job is
        seen.append(f"perform for {tenant.get()}")


class SyncWithHook(Sync):
    def around(self, job: HookedJob, call_next: CallNextSync) -> None:  # noqa: ARG002 -- as above
        seen.append("class before")
        call_next()
        seen.append("class after")


async def trace(job: HookedJob, call_next: CallNext) -> None:
    attempt = current_attempt()
    seen.append(f"{attempt.kind} {attempt.attempt} after {attempt.queue_delay.total_seconds()}")
    await call_next()
    seen.append("trace after")


def trace_sync(job: HookedJob, call_next: CallNextSync) -> None:
    attempt = current_attempt()
    seen.append(f"{attempt.kind} {attempt.attempt} after {attempt.queue_delay.total_seconds()}")
    call_next()
    seen.append("trace after")


@contextmanager
def set_tenant(job: HookedJob) -> Iterator[None]:
    token = tenant.set("ada")
    yield
    tenant.reset(token)
    seen.append("tenant after")


@asynccontextmanager
async def session(job: HookedJob) -> AsyncIterator[None]:
    seen.append("session")
    yield
    seen.append("session after")


@pytest.mark.parametrize(
    ("job", "hook"), [(AsyncWithHook(), trace), (SyncWithHook(), trace_sync)], ids=["async", "sync"]
)
def test_hooks_of_the_project_run_in_order_around_that_of_the_class(
    job: Job[Any], hook: object
) -> None:
    assert run(job, hook, set_tenant) == Succeeded()
    assert seen == [
        "Hooked 2 after 3.0",
        "class before",
        "perform for ada",
        "class after",
        "tenant after",
        "trace after",
    ]


def test_asynchronous_context_manager_is_a_hook_of_an_async_job() -> None:
    assert run(Async(), session) == Succeeded()
    assert seen == ["session", "perform for none", "session after"]


def test_attempt_is_not_known_outside_of_a_job() -> None:
    with pytest.raises(LookupError, match="No job runs here"):
        current_attempt()


class FailingAsync(Job[HookedJob]):
    error: BaseException = ValueError("from perform")

    async def perform(self, job: HookedJob) -> None:  # noqa: ARG002 -- what a job is
        raise self.error


class FailingSync(Job[HookedJob]):
    error: BaseException = ValueError("from perform")

    def perform(self, job: HookedJob) -> None:  # noqa: ARG002 -- what a job is
        raise self.error


@pytest.mark.parametrize("job", [FailingAsync(), FailingSync()], ids=["async", "sync"])
def test_error_of_perform_reaches_the_hooks_and_the_row_without_our_frames(job: Job[Any]) -> None:
    @contextmanager
    def watch(_: HookedJob) -> Iterator[None]:
        try:
            yield
        except ValueError as error:
            seen.append(f"saw {error}")
            raise

    outcome = run(job, watch)
    assert isinstance(outcome, Failed)
    assert seen == ["saw from perform"]
    assert outcome.error.startswith("Traceback (most recent call last):\n")
    assert outcome.error.endswith("ValueError: from perform")
    assert "raise self.error" in outcome.error
    assert "jobgen_runtime" not in outcome.error


@pytest.mark.parametrize("job", [FailingAsync(), FailingSync()], ids=["async", "sync"])
def test_job_succeeds_if_a_hook_catches_its_error(job: Job[Any]) -> None:
    @contextmanager
    def ignore(_: HookedJob) -> Iterator[None]:
        with suppress(ValueError):
            yield

    assert run(job, ignore) == Succeeded()


@pytest.mark.parametrize("job", [Async(), Sync()], ids=["async", "sync"])
@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Snooze(for_=timedelta(minutes=1)), SnoozeFor(timedelta(minutes=1))),
        (Cancel("no tenant"), Cancelled("Cancelled: no tenant")),
    ],
)
def test_hook_may_snooze_or_cancel_instead_of_calling_on(
    job: Job[Any], error: Exception, outcome: Outcome
) -> None:
    @contextmanager
    def refuse(_: HookedJob) -> Iterator[None]:
        raise error
        yield

    assert run(job, refuse) == outcome
    assert seen == []


async def never(job: HookedJob, call_next: CallNext) -> None:
    """Return."""


async def twice(job: HookedJob, call_next: CallNext) -> None:
    await call_next()
    with suppress(Exception):
        await call_next()


async def with_the_job(job: HookedJob, call_next: Any) -> None:
    await call_next(job)


async def in_a_task(job: HookedJob, call_next: CallNext) -> None:
    seen.append(str(asyncio.create_task(_noted(call_next))))
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def after_its_end(job: HookedJob, call_next: CallNext) -> None:
    asyncio.get_running_loop().call_soon(asyncio.create_task, _noted(call_next))


async def _noted(call_next: CallNext) -> None:
    try:
        await call_next()
    except BaseException as error:
        seen.append(type(error).__name__)
        raise


def never_sync(job: HookedJob, call_next: CallNextSync) -> None:
    """Return."""


def twice_sync(job: HookedJob, call_next: CallNextSync) -> None:
    call_next()
    with suppress(Exception):
        call_next()


def with_the_job_sync(job: HookedJob, call_next: Any) -> None:
    call_next(job)


def in_a_thread(job: HookedJob, call_next: CallNextSync) -> None:
    def call() -> None:
        with suppress(Exception):
            call_next()

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()


def no_manager(job: HookedJob) -> None:
    """Return None."""


@pytest.mark.parametrize(
    ("job", "hook", "message", "performed"),
    [
        (Async, never, "never called call_next, so perform did not run.", 0),
        (Async, twice, "called call_next twice.", 1),
        (Async, with_the_job, "gave call_next an argument.", 0),
        (Async, after_its_end, "never called call_next", 0),
        (Async, no_manager, "returned None, which is not a context manager.", 0),
        (Sync, never_sync, "never called call_next, so perform did not run.", 0),
        (Sync, twice_sync, "called call_next twice.", 1),
        (Sync, with_the_job_sync, "gave call_next an argument.", 0),
        (Sync, in_a_thread, "called call_next in another thread.", 0),
        (Sync, no_manager, "returned None, which is not a context manager.", 0),
    ],
)
def test_attempt_fails_if_a_hook_does_not_call_on_once(
    job: type[Job[Any]], hook: Callable[..., Any], message: str, performed: int
) -> None:
    outcome = run(job(), hook)
    assert isinstance(outcome, Failed)
    assert outcome.error.startswith(f"The hook {hook.__module__}.{hook.__name__} {message}")
    assert seen.count("perform for none") == performed


class Endless(Job[HookedJob]):
    async def perform(self, job: HookedJob) -> None:  # noqa: ARG002 -- what a job is
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            seen.append("ended")


def test_slot_is_free_once_a_call_that_a_hook_left_running_has_ended() -> None:
    outcome = run(Endless(), in_a_task)
    assert isinstance(outcome, Failed)
    assert "returned before call_next had ended. Await it." in outcome.error
    assert seen[1:] == ["ended", "CancelledError"]


class TooLong(Endless):
    timeout = timedelta(seconds=0.01)


def test_hook_of_an_async_job_sees_a_timeout_as_a_cancellation() -> None:
    async def watch(_: HookedJob, call_next: CallNext) -> None:
        await _noted(call_next)

    assert isinstance(run(TooLong(), watch), TimedOut)
    assert seen == ["ended", "CancelledError"]


class Unfinished(Job[HookedJob]):
    def perform(self, job: HookedJob) -> Any:  # noqa: ARG002 -- what a job is
        return asyncio.sleep(0)


class UnfinishedAsync(Job[HookedJob]):
    async def perform(self, job: HookedJob) -> Any:  # noqa: ARG002 -- what a job is
        return [asyncio.get_running_loop().create_future()]


@pytest.mark.parametrize("job", [Unfinished(), UnfinishedAsync()], ids=["sync", "async"])
def test_hooks_see_that_perform_returned_unfinished_work(job: Job[Any]) -> None:
    @contextmanager
    def watch(_: HookedJob) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            seen.append(type(error).__name__)
            raise

    outcome = run(job, watch)
    assert isinstance(outcome, Failed)
    assert "that was not awaited, so its work has not been done" in outcome.error
    assert seen == ["UnfinishedResult"]


def test_hook_that_cannot_wait_for_a_job_is_refused() -> None:
    # A command that runs a job without a worker has not checked the list.
    with pytest.raises(InvalidJob, match=r"trace is async, but Sync\.perform is not"):
        ThreadRunner(Sync(), 1, [trace])


def test_forms_of_hooks_have_one_type() -> None:
    hooks: list[Hook] = [trace, trace_sync, set_tenant, session]
    assert len({style_of(hook) for hook in hooks}) == len(HookStyle)


def test_job_without_hooks_is_called_directly() -> None:
    job: Job[Any] = Async()
    runners: Sequence[Any] = (AsyncRunner(job), ThreadRunner(job, 1))
    assert [runner._hooked for runner in runners] == [job, job]
