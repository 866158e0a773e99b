"""A table is a job table if its name ends in `_jobs` and it has the nine job columns."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from jobgen.job_block.recognise import is_job_table
from jobgen.schema.model import QualifiedName
from jobgen.schema.parse.reader import read_schema
from tests.support.schema import job_block


def is_recognised(text: str, name: str = "email_customers_jobs") -> bool:
    schema = read_schema(text, PurePosixPath("Schema.sql"))
    return is_job_table(schema.tables[QualifiedName("public", name)])


@pytest.mark.parametrize(
    "change",
    [
        "",
        "ALTER TABLE email_customers_jobs ADD COLUMN note text;",
        "ALTER TABLE email_customers_jobs ALTER last_error SET NOT NULL;",
        "ALTER TABLE email_customers_jobs ALTER run_at DROP DEFAULT;",
    ],
)
def test_job_table_is_recognised_by_its_nine_columns(change: str) -> None:
    assert is_recognised(job_block("EmailCustomers") + change)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE email_customers_jobs DROP COLUMN locked_by;",
        "ALTER TABLE email_customers_jobs RENAME COLUMN run_at TO due_at;",
        "ALTER TABLE email_customers_jobs ALTER attempts_count TYPE bigint;",
        "ALTER TABLE email_customers_jobs ALTER last_error TYPE text[];",
        "ALTER TABLE email_customers_jobs ALTER status TYPE text;",
        "ALTER TABLE email_customers_jobs ALTER run_at DROP NOT NULL;",
    ],
)
def test_table_without_one_of_the_job_columns_is_not_a_job_table(change: str) -> None:
    assert not is_recognised(job_block("EmailCustomers") + change)


def test_table_with_another_suffix_is_not_a_job_table() -> None:
    text = job_block("EmailCustomers") + "ALTER TABLE email_customers_jobs RENAME TO email_queue;"
    assert not is_recognised(text, "email_queue")
