"""The option `schedule` of a job class: what is refused, and the rows that it stands for."""

from __future__ import annotations

import json
import re
import types
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import pytest
from jobgen_runtime import Cron, Every, Job, JobRecord, Table
from jobgen_runtime.contract.errors import InvalidJob
from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.schedule.definitions import Definition, definitions_of
from jobgen_runtime.schedule.values import values_as_json

from tests.support.shop_types import Color

HOURLY = Every(timedelta(hours=1))


class SyncJob(JobRecord):
    """A row of `sync_jobs`, which requires a band."""

    __table__: ClassVar = Table(
        "sync_jobs",
        columns=(*JOB_COLUMNS, "band", "class"),
        key=("id",),
        attributes={"class": "class_"},
        required=("band",),
    )


def define(schedule: Any) -> type[Job[Any]]:
    def perform(self: object, job: SyncJob) -> None:
        """Do nothing."""

    body = {"perform": perform, "schedule": schedule}
    return types.new_class("Sync", (Job[SyncJob],), exec_body=lambda names: names.update(body))


def test_schedules_become_rows_with_the_columns_of_the_table() -> None:
    nightly = Cron("0 5 * * *", timezone="Europe/Berlin", values={"band": 1}, catch_up="skip")
    hourly = Every(timedelta(hours=1), name="hourly", values={"class_": "é", "band": 2})
    assert definitions_of(define([nightly, hourly])) == {
        "default": Definition("default", "0 5 * * *", "Europe/Berlin", '{"band": 1}', "skip", 100),
        "hourly": Definition(
            "hourly", "@every 1h", "UTC", '{"band": 2, "class": "é"}', "latest", 100
        ),
    }
    assert definitions_of(define(None)) == definitions_of(define(())) == {}


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ("0 5 * * *", "Sync.schedule must be None, Cron(…), Every(…) or a tuple of these, not '0"),
        ([HOURLY, "0 5 * * *"], "Sync.schedule must be"),
        (Cron, "Sync.schedule must be"),
        ((HOURLY, HOURLY), "Sync.schedule has 2 schedules called 'default'"),
        (HOURLY, "Sync.schedule 'default': values must have band: the table has no default"),
        (Every(timedelta(1), values={"band": 1, "bond": 2}), "values has 'bond', which is not one"),
        (Every(timedelta(1), values={"band": 1, "run_at": 2}), "values has 'run_at', which is not"),
        (Every(timedelta(1), values={"band": object()}), "band is of the type object, which can"),
    ],
)
def test_invalid_schedule_of_a_class_is_refused(schedule: object, message: str) -> None:
    with pytest.raises(InvalidJob, match=re.escape(message)):
        define(schedule)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": " "}, "Every: name must be a text that is not empty, not ' '."),
        ({"name": "a\nb"}, "printable"),
        ({"values": [1]}, "Every: values must be a dictionary"),
        ({"catch_up": "none"}, 'Every: catch_up must be "latest", "skip" or "all", not \'none\'.'),
        ({"catch_up_limit": 0}, "Every: catch_up_limit must be an integer from 1 to 10,000"),
        ({"catch_up_limit": True}, "not True"),
    ],
)
def test_invalid_option_of_a_schedule_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidJob, match=re.escape(message)):
        Every(timedelta(hours=1), **options)


def test_values_are_written_as_the_database_reads_them() -> None:
    values = {
        "uuid": UUID(int=1),
        "moment": datetime(2026, 1, 2, 3, tzinfo=UTC),
        "interval": timedelta(days=-1, microseconds=5),
        "price": Decimal("1.50"),
        "colors": [Color.RED],
        "document": {"a": [None, True]},
        "infinite": float("inf"),
        "bytes": b"\1",
    }
    assert json.loads(values_as_json(values)) == {
        "uuid": "00000000-0000-0000-0000-000000000001",
        "moment": "2026-01-02T03:00:00+00:00",
        "interval": "-1 days 0.000005 seconds",
        "price": "1.50",
        "colors": ["red"],
        "document": {"a": [None, True]},
        "infinite": "inf",
        "bytes": "\\x01",
    }
