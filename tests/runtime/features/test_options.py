"""The check of a job's options when its class is defined."""

from __future__ import annotations

import re
import types
from datetime import timedelta
from typing import Any

import pytest
from jobgen_runtime import ConstantBackoff, Job
from jobgen_runtime.contract.errors import InvalidJob

from tests.support.shop_types import ProbeJob


async def perform(self: object, job: ProbeJob) -> None:
    """Do nothing."""


def define(**options: Any) -> type[Job[Any]]:
    body = {"perform": perform, **options}
    return types.new_class("Probe", (Job[ProbeJob],), exec_body=lambda names: names.update(body))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_attempts": -1}, "Probe.max_attempts must be an integer of 0 or more, not -1"),
        ({"max_attempts": None}, "Probe.max_attempts must be an integer"),
        ({"max_concurrency": 0}, "Probe.max_concurrency must be an integer of 1 or more"),
        ({"max_concurrency": True}, "not True"),
        ({"global_concurrency": 0}, "Probe.global_concurrency must be an integer of 1 or more"),
        ({"global_concurrency": "2"}, "not '2'"),
        ({"timeout": 5}, "Probe.timeout must be None or a timedelta above zero"),
        ({"timeout": timedelta(0)}, "timedelta above zero"),
        ({"slow_after": 30}, "Probe.slow_after must be None or a timedelta above zero, not 30"),
        (
            {"backoff": ConstantBackoff},
            "Probe.backoff must be ConstantBackoff(…), LinearBackoff(…), ExponentialBackoff(…), ",
        ),
        ({"backoff": timedelta(5)}, "or an object with a method delay"),
        ({"strict_order": 1, "max_concurrency": 1}, "Probe.strict_order must be True or False"),
        ({"strict_order": True}, "global_concurrency = 1"),
        ({"expires_after": 60}, "Probe.expires_after must be None or a timedelta above zero"),
        ({"expires_after": timedelta(0)}, "not datetime.timedelta(0)"),
        ({"keep_attempts": 1}, "Probe.keep_attempts must be True or False, not 1"),
        ({"on_failed": "ReportFailure"}, "Probe.on_failed must be None or a job class, not 'Repor"),
        ({"on_failed": Job}, "jobgen job ReportFailure --on-failed"),
        ({"keep": 30}, "Probe.keep must be None or a timedelta above zero, of 36,500 days at most"),
        ({"keep": timedelta(0)}, "not datetime.timedelta(0)"),
        ({"keep_failed": timedelta.max}, "Probe.keep_failed must be None or a timedelta"),
        ({"retention": timedelta(1)}, "Did you mean keep?"),
        ({"strict_order": True, "global_concurrency": 2}, "one at a time"),
    ],
)
def test_invalid_option_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidJob, match=re.escape(message)):
        define(**options)


class Fibonacci:
    """A policy that is not one of the runtime's."""

    def delay(self, attempts: int, /) -> timedelta:
        before, after = 0, 1
        for _ in range(attempts):
            before, after = after, before + after
        return timedelta(seconds=before)


def test_valid_options_are_accepted() -> None:
    assert define(strict_order=True, max_concurrency=1).strict_order
    assert define(strict_order=True, global_concurrency=1).global_concurrency == 1
    assert define(backoff=Fibonacci()).backoff.delay(6) == timedelta(seconds=8)
    assert define(max_attempts=0).max_attempts == 0
    assert define(keep=timedelta(30), keep_failed=None).keep == timedelta(30)
