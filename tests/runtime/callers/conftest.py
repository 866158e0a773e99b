"""A database with a job that refers to the application's own table, and its records."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType

import psycopg
import pytest

from tests.support.schema import job_block
from tests.types_file.rendering import rendered

SCHEMA = (
    "CREATE TABLE customers (id INT PRIMARY KEY, name TEXT NOT NULL);\n"
    + job_block("Mail", "customer_id INT NOT NULL REFERENCES customers", "note TEXT")
    + "CREATE UNIQUE INDEX one_mail ON mail_jobs (customer_id)"
    " WHERE status IN ('job_status_not_started', 'job_status_retry');\n"
    + job_block("Plain", "note TEXT NOT NULL", "position INT UNIQUE")
)


@pytest.fixture(scope="module")
def types() -> Iterator[ModuleType]:
    """The generated module with the records MailJob, PlainJob and Customer."""
    module = ModuleType("caller_types")
    sys.modules[module.__name__] = module
    exec(rendered(SCHEMA), module.__dict__)  # noqa: S102 -- Types.py of the test's schema
    yield module
    del sys.modules[module.__name__]


@pytest.fixture(scope="module")
def shared_database(runtime_database: str) -> str:
    """The conninfo of a database with these tables, shared by the tests of one file."""
    with psycopg.connect(runtime_database, autocommit=True) as conn:
        conn.execute(SCHEMA.encode())
    return runtime_database


@pytest.fixture
def url(shared_database: str) -> str:
    """The conninfo of the database with these tables, and one customer."""
    with psycopg.connect(shared_database, autocommit=True) as conn:
        conn.execute("TRUNCATE customers, mail_jobs, plain_jobs")
        conn.execute("INSERT INTO customers VALUES (1, 'Ada')")
    return shared_database
