"""The testing kit over the server and the tables of these tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.kit_jobs import PLAYED, create_tables


@pytest.fixture(scope="session")
def jobgen_server(server_url: str) -> str:
    return server_url


@pytest.fixture(scope="session")
def jobgen_create_tables() -> Callable[[str], object]:
    return create_tables


@pytest.fixture(autouse=True)
def nothing_played() -> None:
    PLAYED.clear()
