"""The class in `on_failed` is checked when the class of the failing jobs is defined."""

from __future__ import annotations

import re
import types
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from jobgen_runtime import Job, Table
from jobgen_runtime.contract.errors import InvalidJob

from tests.support.shop_types import ProbeJob

REPORT_COLUMNS = ("failed_table", "failed_id", "failed_error")


def define(name: str, table: Table, on_failed: type[Job[Any]] | None = None) -> type[Job[Any]]:
    async def perform(self: object, job: object) -> None:
        """Do nothing."""

    record = type(f"{name}Job", (ProbeJob,), {"__table__": table, "__annotations__": {}})
    body: dict[str, Any] = {"perform": perform, "on_failed": on_failed}
    base: Any = Job
    return types.new_class(name, (base[record],), exec_body=lambda names: names.update(body))


def table(*columns: str, required: tuple[str, ...] = ()) -> Table:
    probe = ProbeJob.__table__
    name = "report_jobs"
    return replace(probe, name=name, columns=(*probe.columns, *columns), required=required)


def test_reporting_class_is_accepted_with_and_without_a_column_for_the_error() -> None:
    for columns in (REPORT_COLUMNS, REPORT_COLUMNS[:2]):
        report = define("Report", table(*columns, required=REPORT_COLUMNS[:2]))
        assert define("Probe", ProbeJob.__table__, report).on_failed is report


@pytest.mark.parametrize(
    ("reporting", "message"),
    [
        (table(), "report_jobs has no column failed_table and no column failed_id"),
        (table("failed_table"), "report_jobs has no column failed_id.\nAdd failed_table TEXT NOT"),
        (
            table(*REPORT_COLUMNS, "customer_id", required=("customer_id", "failed_id")),
            "requires a value of customer_id, which the report of a failure does not have",
        ),
    ],
)
def test_reporting_class_whose_row_cannot_be_inserted_is_refused(
    reporting: Table, message: str
) -> None:
    with pytest.raises(InvalidJob, match=re.escape(message)):
        define("Probe", ProbeJob.__table__, define("Report", reporting))


def test_class_does_not_report_its_own_failures() -> None:
    class ReportJob(ProbeJob):
        __table__: ClassVar = table(*REPORT_COLUMNS)

    class Report(Job[ReportJob]):
        async def perform(self, job: ReportJob) -> None: ...

    with pytest.raises(InvalidJob, match="a report that fails would report itself"):

        class Derived(Report):
            on_failed = Report
