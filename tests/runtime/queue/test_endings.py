"""The statements of kinds with `on_failed` and `keep_attempts`, and those of other kinds."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from jobgen_runtime.queue.endings import Endings
from jobgen_runtime.queue.statements import Names
from jobgen_runtime.sql import read
from jobgen_runtime.table import quote_text

from tests.support.shop_types import ProbeJob

TABLE = ProbeJob.__table__
REPORT = replace(TABLE, name="report_jobs", columns=(*TABLE.columns, "failed_table", "failed_id"))
STATUS = quote_text("job_status_failed")
ENDS = ("succeed", "retry", "snooze", "release", "rescue", "settle_refused", "fail")


def fill(name: str, endings: Endings) -> str:
    more = {"status": STATUS} if name == "fail" else {}
    return Names(TABLE, endings).fill(name, **more).decode()


@pytest.mark.parametrize("name", ENDS)
def test_statement_has_no_part_that_its_kind_does_not_use(name: str) -> None:
    file = re.sub(r"\{(more_columns|more_parts|held_job)\}", "", read(name))
    pieces = [re.escape(piece) for piece in re.split(r"\{\w+\}", file)]
    plain = fill(name, Endings())
    # The file's own text, with nothing but names where it has placeholders.
    assert re.fullmatch(".*".join(pieces), plain, re.DOTALL)
    assert "INSERT" not in plain
    assert "job_attempts" not in plain
    is_final = name in ("rescue", "settle_refused", "fail")
    assert fill(name, Endings(keeps_attempts=True)).count("INSERT INTO") == 1
    assert fill(name, Endings(REPORT)).count("INSERT INTO") == is_final
    assert is_final or fill(name, Endings(REPORT)) == plain


def test_report_gets_the_error_only_if_its_table_has_a_column_for_it() -> None:
    with_error = replace(REPORT, columns=(*REPORT.columns, "failed_error"))
    assert '("failed_table", "failed_id")' in fill("fail", Endings(REPORT))
    assert '("failed_table", "failed_id", "failed_error")' in fill("fail", Endings(with_error))


@pytest.mark.parametrize("name", ["claim", "cancel_job", "apply_cancellations", "release_all"])
def test_statement_that_ends_no_attempt_is_the_same_for_every_kind(name: str) -> None:
    assert fill(name, Endings(REPORT, keeps_attempts=True)) == fill(name, Endings())
