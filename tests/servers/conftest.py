"""Databases on servers of several versions and kinds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from jobgen.postgres.binaries import Binaries
from jobgen.postgres.temporary import temporary_server
from tests.support.database import install_app_schema, temporary_database
from tests.support.programs import OLD_POSTGRES


@dataclass(frozen=True, slots=True)
class Programs(Binaries):
    """The programs of a distribution's package, all in one folder."""

    def program(self, name: str) -> Path:
        return self.package / name


@pytest.fixture(scope="session")
def old_server_url() -> Iterator[str]:
    """The address of a server of the oldest version on this machine."""
    programs = Programs(OLD_POSTGRES.require(), "")
    # There is no builtin locale before version 17.
    options = ("--username=postgres", "--encoding=UTF8", "--locale=C", "--auth=trust", "--no-sync")
    with temporary_server(binaries=programs, initdb_options=options) as url:
        yield url


@pytest.fixture
def app_database(server_url: str) -> Iterator[str]:
    """The conninfo of a database with the runtime's schema and the application's tables.

    It is not a copy of `app_template`, because files of this folder replace the server.
    """
    with temporary_database(server_url) as url:
        install_app_schema(url)
        yield url
