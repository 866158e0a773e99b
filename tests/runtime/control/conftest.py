"""Tests call the control operations in their own process; workers run in others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jobgen_runtime import configure
from jobgen_runtime.database import close_pool_sync


@pytest.fixture(autouse=True)
def _in_the_database(app_database: str) -> Iterator[None]:
    configure(app_database)
    yield
    close_pool_sync()
    configure(None)
