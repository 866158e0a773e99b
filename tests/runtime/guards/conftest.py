"""A server that counts statements."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from jobgen.postgres import temporary_server
from tests.runtime.guards.counted import Counted
from tests.support.application import Application, application
from tests.support.database import install_app_schema, temporary_database


@pytest.fixture(scope="session")
def counting_server() -> Iterator[str]:
    """The address of a server with pg_stat_statements, on stock settings otherwise."""
    with temporary_server(("shared_preload_libraries=pg_stat_statements",)) as url:
        yield url


@pytest.fixture
def counted(counting_server: str) -> Iterator[Counted]:
    """A database like `app_database`."""
    with (
        psycopg.connect(counting_server, autocommit=True) as admin,
        temporary_database(counting_server) as url,
    ):
        admin.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        install_app_schema(url)
        yield Counted(url, admin)


@pytest.fixture
def counted_app(tmp_path: Path, counted: Counted) -> Iterator[Application]:
    """An application whose database is counted."""
    with application(tmp_path, counted.url) as made:
        yield made
