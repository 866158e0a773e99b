"""Attributes of a job class that were probably meant as an option."""

from __future__ import annotations

import re
import types
from typing import Any

import pytest
from jobgen_runtime import Job
from jobgen_runtime.contract.errors import InvalidJob

from tests.support.shop_types import ProbeJob


async def perform(self: object, job: ProbeJob) -> None:
    """Do nothing."""


def define(base: type = Job[ProbeJob], /, **attributes: Any) -> type[Job[Any]]:
    body = {"perform": perform, **attributes}
    return types.new_class("Probe", (base,), exec_body=lambda names: names.update(body))


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("max_attempt", "max_attempts"),
        ("maxAttempts", "max_attempts"),
        ("MAX_ATTEMPTS", "max_attempts"),
        ("retries", "max_attempts"),
        ("max_retry", "max_attempts"),
        ("default_retry_delay", "backoff"),
        ("timeoutInMicroseconds", "timeout"),
        ("time_out", "timeout"),
        ("time_limit", "timeout"),
        ("maxConcurrency", "max_concurrency"),
        ("concurrency", "max_concurrency"),
        ("global_concurency", "global_concurrency"),
        ("strictOrder", "strict_order"),
        ("back_off", "backoff"),
        ("isolaton", "isolation"),
    ],
)
def test_misspelled_option_is_refused_with_the_one_that_was_meant(name: str, option: str) -> None:
    message = f"Probe.{name} is not an option of a job. Did you mean {option}?"
    with pytest.raises(InvalidJob, match=re.escape(message)) as raised:
        define(Job[ProbeJob], **{name: 3})
    assert f"_{name}" in (raised.value.hint or "")


def test_annotation_without_a_value_is_refused_like_an_attribute() -> None:
    with pytest.raises(InvalidJob, match="Did you mean max_attempts"):
        define(__annotations__={"max_attempt": int})


def test_attributes_of_the_application_are_accepted() -> None:
    own: dict[str, Any] = {
        "sender": "shop@example.com",
        "currency": "EUR",
        "_retries": 3,
        "timeouts_seen": property(str),
        "retry": perform,
        "records": ("a", "b"),
        "template": "mail.html",
    }
    assert define(**own).record is ProbeJob


def test_attribute_that_a_base_class_has_may_be_set_again() -> None:
    class Queue:
        retries = 1

    class Base(Queue, Job[ProbeJob]):
        def perform(self, job: ProbeJob) -> None:
            """Do nothing."""

    assert define(Base, retries=5).max_attempts == 10
