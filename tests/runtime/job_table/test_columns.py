"""The nine columns of every job's table agree with the attributes of a job's record."""

from __future__ import annotations

import pytest
from jobgen_runtime import JobRecord
from jobgen_runtime.contract.states import JobRow
from jobgen_runtime.job_table.columns import JOB_COLUMNS


@pytest.mark.parametrize("record", [JobRow, JobRecord])
def test_job_columns_are_the_attributes_of_a_job_record(record: type) -> None:
    assert list(JOB_COLUMNS) == list(record.__annotations__)
    nullable = {name for name, column in JOB_COLUMNS.items() if column.is_nullable}
    optional = {name for name, type_ in record.__annotations__.items() if "None" in type_}
    assert nullable == optional == {"last_error", "locked_at", "locked_by"}
