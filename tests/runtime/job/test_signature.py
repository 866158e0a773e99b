"""The parameters of `perform`."""

from __future__ import annotations

from typing import Any

import pytest
from jobgen_runtime import Job
from jobgen_runtime.contract.errors import InvalidJob

from tests.support.shop_types import ProbeJob


class OtherJob(ProbeJob):
    """Another record."""


def define(function: Any) -> type[Job[Any]]:
    class Probe(Job[ProbeJob]):
        perform = function

    return Probe


def no_job(self: object) -> None:
    """Take no job."""


async def no_job_async(self: object) -> None:
    """Take no job."""


def more(self: object, job: object, sender: str) -> None:
    """Require more than a job."""


def keyword(self: object, *, job: object) -> None:
    """Take the job by its name only."""


def nothing() -> None:
    """Take nothing."""


@pytest.mark.parametrize(
    "function",
    [no_job, no_job_async, more, keyword, staticmethod(nothing)],
    ids=["no job", "no job, async", "more than a job", "keyword only", "static"],
)
def test_perform_that_does_not_take_one_job_is_refused(function: object) -> None:
    with pytest.raises(InvalidJob, match="cannot be called with a job") as raised:
        define(function)
    assert "def perform(self, job)" in (raised.value.hint or "")


def optional(self: object, job: object, *, dry_run: bool = False) -> None:
    """Take a job, and more if it is given."""


def variable(*everything: object, **named: object) -> None:
    """Take whatever there is."""


def job_alone(job: object) -> None:
    """Take a job."""


def test_perform_may_take_more_if_that_is_optional() -> None:
    functions: list[object] = [optional, variable, staticmethod(job_alone), classmethod(optional)]
    for function in functions:
        assert define(function).record is ProbeJob


def test_perform_that_is_annotated_with_another_record_is_refused() -> None:
    def perform(self: object, job: OtherJob) -> None:
        """Take another job."""

    with pytest.raises(InvalidJob, match="takes OtherJob, but the class runs ProbeJob"):
        define(perform)


def test_annotation_that_is_not_a_record_is_accepted() -> None:
    def untyped(self, job):  # type: ignore[no-untyped-def]  # without annotations
        """Take a job."""

    def unknown(self: object, job: Nowhere.Record) -> None:  # type: ignore[name-defined]  # noqa: F821 -- unknown
        """Take a job."""

    def anything(self: object, job: Any) -> None:
        """Take a job."""

    for function in (untyped, unknown, anything):
        assert define(function).record is ProbeJob
