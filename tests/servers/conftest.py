"""Databases on servers of several versions and kinds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jobgen.postgres import temporary_server
from jobgen.postgres.account import server_account
from jobgen.postgres.installed import installed_binaries
from tests.support.database import install_app_schema, temporary_database
from tests.support.programs import OLD_POSTGRES


@pytest.fixture(scope="session")
def old_server_url() -> Iterator[str]:
    """The address of a server of the oldest version on this machine."""
    binaries = installed_binaries(OLD_POSTGRES.require(), server_account())
    with temporary_server(binaries=binaries) as url:
        yield url


@pytest.fixture
def app_database(server_url: str) -> Iterator[str]:
    """The conninfo of a database with the runtime's schema and the application's tables.

    It is not a copy of `app_template`, because files of this folder replace the server.
    """
    with temporary_database(server_url) as url:
        install_app_schema(url)
        yield url
