"""A database with the runtime's schema, for the tests of one file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from jobgen_runtime.database import runtime_schema

from tests.support.database import temporary_database


@pytest.fixture(scope="module")
def runtime_database(server_url: str) -> Iterator[str]:
    """The address of a database in which the runtime's schema is installed."""
    with temporary_database(server_url) as url:
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute(runtime_schema().encode())
        yield url


@pytest.fixture
def conn(runtime_database: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to it; what the test does is rolled back."""
    with psycopg.connect(runtime_database) as connection:
        yield connection
        connection.rollback()
