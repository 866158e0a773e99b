"""The check of hooks: of a class when it is defined, and of a project when a worker starts."""

from __future__ import annotations

import functools
import re
import types
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from jobgen_runtime import Job
from jobgen_runtime.contract.errors import InvalidJob
from jobgen_runtime.job.hooks import HookStyle, check_hooks, style_of

from tests.support.shop_types import ProbeJob


async def perform(self: object, job: ProbeJob) -> None:
    """Do nothing."""


def perform_sync(self: object, job: ProbeJob) -> None:
    """Do nothing."""


async def around(self: object, job: ProbeJob, call_next: Any) -> None:
    await call_next()


def around_sync(self: object, job: ProbeJob, call_next: Any) -> None:
    call_next()


def around_generator(self: object, job: ProbeJob, call_next: Any) -> Iterator[None]:
    yield call_next()


def define(**members: Any) -> type[Job[Any]]:
    return types.new_class("Probe", (Job[ProbeJob],), exec_body=lambda names: names.update(members))


def test_hook_of_a_class_fits_its_perform() -> None:
    assert define(perform=perform, around=around).is_async()
    assert not define(perform=perform_sync, around=around_sync).is_async()
    # A base class for jobs whose perform is not written yet.
    base = define(around=around)
    types.new_class("Derived", (base,), exec_body=lambda names: names.update(perform=perform))


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            {"perform": perform, "around": around_sync},
            "Probe.around is synchronous, so it cannot wait for Probe.perform, which is async.",
        ),
        (
            {"perform": perform_sync, "around": around},
            "Probe.around is async, but Probe.perform is not: it runs in a thread or a process.",
        ),
        ({"perform": perform, "around": perform}, "cannot be called with a job and call_next."),
        ({"perform": perform_sync, "around": around_generator}, "Probe.around contains `yield`"),
        ({"perform": perform, "around": []}, "Probe.around must be a method around(self, job, "),
    ],
)
def test_hook_of_a_class_that_cannot_run_its_perform_is_refused(
    members: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidJob, match=re.escape(message)):
        define(**members)


def test_derived_class_with_another_perform_than_its_hook_is_refused() -> None:
    base = define(around=around)
    with pytest.raises(InvalidJob, match=r"is async, but Derived\.perform is not"):
        types.new_class(
            "Derived", (base,), exec_body=lambda names: names.update(perform=perform_sync)
        )


async def trace(job: ProbeJob, call_next: Any) -> None:
    await call_next()


def trace_sync(job: ProbeJob, call_next: Any) -> None:
    call_next()


@contextmanager
def tenant(job: ProbeJob) -> Iterator[None]:
    yield


@asynccontextmanager
async def session(job: ProbeJob) -> AsyncIterator[None]:
    yield


class Tracer:
    async def __call__(self, job: ProbeJob, call_next: Any) -> None:  # noqa: ARG002 -- a hook
        await call_next()


def undecorated(job: ProbeJob) -> Iterator[None]:
    yield


def without_a_job() -> None:
    """Do nothing."""


@pytest.mark.parametrize(
    ("hook", "style"),
    [
        (trace, HookStyle.ASYNC),
        (Tracer(), HookStyle.ASYNC),
        (functools.partial(trace), HookStyle.ASYNC),
        (trace_sync, HookStyle.SYNC),
        (lambda job, call_next: call_next(), HookStyle.SYNC),  # noqa: ARG005 -- what a hook takes
        (tenant, HookStyle.MANAGER),
        (session, HookStyle.ASYNC_MANAGER),
    ],
)
def test_style_of_a_hook_is_that_of_what_is_called(hook: object, style: HookStyle) -> None:
    assert style_of(hook) is style


@pytest.mark.parametrize(
    ("hooks", "message"),
    [
        (trace, "`around` of the main module must be a list of hooks, not <function trace"),
        (["trace"], "'trace' in the list `around` is not a hook: it cannot be called."),
        ([trace], "The hook tests.runtime.job.test_hooks.trace is async, but Plain.perform is not"),
        ([trace_sync], "trace_sync is synchronous, so it cannot wait for Probe.perform"),
        ([session], "session is async, but Plain.perform is not"),
        ([undecorated], "undecorated takes a job alone, but does not return a context manager."),
        ([without_a_job], "without_a_job cannot be called with a job and call_next."),
        ([lambda job, call_next: (yield)], "contains `yield`"),  # noqa: ARG005 -- what a hook takes
    ],
)
def test_list_that_does_not_serve_every_job_is_refused(hooks: object, message: str) -> None:
    plain = define(perform=perform_sync)
    plain.__qualname__ = "Plain"
    with pytest.raises(InvalidJob, match=re.escape(message)):
        check_hooks(hooks, [define(perform=perform), plain])


def test_list_of_hooks_that_serve_every_job_is_accepted() -> None:
    check_hooks([tenant], [define(perform=perform), define(perform=perform_sync)])
    check_hooks((trace, session, tenant), [define(perform=perform)])
    check_hooks([trace_sync], [define(perform=perform_sync)])
