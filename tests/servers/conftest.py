"""The runtime's small application on servers of more than one kind."""

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
    """Those of a distribution, all in one folder."""

    def program(self, name: str) -> Path:
        return self.package / name


@pytest.fixture(scope="session")
def old_server_url() -> Iterator[str]:
    """The address of a server of the oldest version that is to be had."""
    programs = Programs(OLD_POSTGRES.require(), "")
    # Before 17 there is no builtin locale.
    options = ("--username=postgres", "--encoding=UTF8", "--locale=C", "--auth=trust", "--no-sync")
    with temporary_server(binaries=programs, initdb_options=options) as url:
        yield url


@pytest.fixture
def app_database(server_url: str) -> Iterator[str]:
    """The conninfo of a database with the runtime's schema and the application's tables.

    Not copied from a template: files of this folder give another server than the shared one.
    """
    with temporary_database(server_url) as url:
        install_app_schema(url)
        yield url
