"""The outcome of an attempt that raised, however the exception's class is written."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from datetime import timedelta
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jobgen_runtime import Cancel, Job, JobRecord, Snooze, Table
from jobgen_runtime.contract.context import Fence, JobContext
from jobgen_runtime.contract.outcomes import Cancelled, Committed, Failed, Outcome, SnoozeFor
from jobgen_runtime.executor import AsyncRunner, Execution
from jobgen_runtime.executor.outcomes import outcome_of

MINUTE = timedelta(minutes=1)
ATTRIBUTES = (
    *("__str__", "__repr__", "__class__", "__traceback__", "__cause__", "__context__", "__notes__"),
    *("__suppress_context__", "__getattribute__", "__getattr__", "__format__", "__reduce__"),
    *("delay", "reason", "args", "exceptions", "message", "with_traceback", "__eq__", "__hash__"),
)
VALUES: dict[str, object] = {
    "property that raises": property(lambda _self: 1 / 0),
    "property that exits": property(lambda _self: sys.exit(1)),
    "method that raises": lambda *_: 1 / 0,
    "number": 5,
    "text": "text",
    "surrogate": "\udc00\0",
    "none": None,
}


class BadType(type):
    """A metaclass whose classes have no name."""

    @property
    def __name__(cls) -> str:  # type: ignore[override]  # raises on purpose
        raise RuntimeError


@st.composite
def exceptions(draw: Any) -> BaseException:
    base = draw(st.sampled_from([Exception, BaseException, Snooze, Cancel, SyntaxError, OSError]))
    chosen = draw(st.dictionaries(st.sampled_from(ATTRIBUTES), st.sampled_from(list(VALUES))))
    body = {name: VALUES[kind] for name, kind in chosen.items()}
    if draw(st.booleans()):
        body["__init__"] = lambda *_: None
    bad_type = draw(st.booleans())
    made = (BadType if bad_type else type)("Odd", (base,), body)
    choices: list[tuple[Any, ...]] = [(), ("text",), ({},), ("a", ("f", "one", 2, 3))]
    for arguments in choices:
        with suppress(Exception):
            return made.__new__(made, *arguments)  # type: ignore[no-any-return]  # any class
    return ValueError()


class JobOfTest(JobRecord):
    __table__: ClassVar = Table("tests_jobs", columns=("id",), key=("id",))


class Raising(Job[JobOfTest]):
    max_concurrency = 1

    def __init__(self, error: BaseException) -> None:
        self.error = error

    async def perform(self, job: JobOfTest) -> None:  # noqa: ARG002 -- what a job is
        raise self.error


@given(exceptions())
def test_any_exception_class_has_an_outcome(error: BaseException) -> None:
    outcome = outcome_of(error)
    assert isinstance(outcome, Failed | Cancelled | SnoozeFor)
    if not isinstance(outcome, SnoozeFor):
        outcome.error.encode()
        assert "\0" not in outcome.error


def run(error: BaseException, on_end: Callable[[Outcome | Committed], None]) -> None:
    async def attempt() -> None:
        context = JobContext("Raising", "tests_jobs", uuid4(), 1, Fence(uuid4(), ""))
        runner = AsyncRunner(Raising(error))
        execution = Execution(object.__new__(JobOfTest), context, runner, on_end, copy_context())
        await execution.task

    asyncio.run(attempt())


@given(exceptions())
def test_any_exception_class_ends_its_execution(error: BaseException) -> None:
    outcomes: list[Outcome | Committed] = []
    run(error, outcomes.append)
    assert len(outcomes) == 1


def test_error_in_the_report_of_an_outcome_becomes_the_outcome() -> None:
    outcomes: list[Outcome | Committed] = []

    def on_end(outcome: Outcome | Committed) -> None:
        outcomes.append(outcome)
        if len(outcomes) == 1:
            raise SystemExit("in a backoff")

    run(ValueError("first"), on_end)
    first, second = outcomes
    assert isinstance(first, Failed)
    assert "first" in first.error
    assert isinstance(second, Failed)
    assert "in a backoff" in second.error


class Later(Snooze):
    """A request without its delay."""

    def __init__(self) -> None:
        """Do not call the one of Snooze."""


class InAMinute(Later):
    delay = MINUTE


class InFive(Later):
    delay = 5  # type: ignore[assignment]  # of a wrong type


class Gone(Cancel):
    """A request without its reason."""

    def __init__(self) -> None:
        """Do not call the one of Cancel."""


class GoneFor(Gone):
    @property
    def reason(self) -> str:  # type: ignore[override]  # raises on purpose
        raise ValueError


def test_subclass_of_snooze_without_a_delay_fails_and_says_why() -> None:
    for error in (Later(), InFive()):
        outcome = outcome_of(error)
        assert isinstance(outcome, Failed)
        assert outcome.error.startswith(f"{type(error).__name__} is a Snooze whose delay is not a")
    assert outcome_of(InAMinute()) == SnoozeFor(MINUTE)


def test_subclass_of_cancel_without_a_reason_cancels_the_job() -> None:
    assert outcome_of(Gone()) == Cancelled("Cancelled: Gone")
    assert outcome_of(GoneFor()) == Cancelled("Cancelled: GoneFor")
    assert outcome_of(Cancel("sold out")) == Cancelled("Cancelled: sold out")


def group(*errors: BaseException) -> BaseException:
    return BaseExceptionGroup("tasks failed", errors)


@pytest.mark.parametrize("nest", [group, lambda *errors: group(group(*errors))])
def test_group_of_one_kind_of_request_counts_as_the_request(nest: Callable[..., Any]) -> None:
    assert outcome_of(nest(Cancel("a"), Cancel("b"), Cancel("a"))) == Cancelled("Cancelled: a; b")
    snoozes = (Snooze(for_=MINUTE), Snooze(for_=2 * MINUTE), Snooze(for_=MINUTE))
    assert outcome_of(nest(*snoozes)) == SnoozeFor(2 * MINUTE)


def test_group_of_requests_that_cancels_and_snoozes_cancels() -> None:
    both = group(Snooze(for_=MINUTE), group(Cancel("sold out"), Later()), Cancel("gone"))
    assert outcome_of(both) == Cancelled("Cancelled: sold out; gone")


def test_group_with_any_other_error_has_failed() -> None:
    for other in (ValueError("bad"), KeyboardInterrupt()):
        outcome = outcome_of(group(Snooze(for_=MINUTE), group(other)))
        assert isinstance(outcome, Failed)
        assert "tasks failed" in outcome.error
    assert isinstance(outcome_of(group(Snooze(for_=MINUTE), Later())), Failed)
