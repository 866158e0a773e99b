"""Let Django drop the database of its tests."""

from __future__ import annotations

import sys
from typing import Any

from django.db.backends.base.base import NO_DB_ALIAS

from jobgen_runtime.database import close_pool_sync

_DASHBOARD = "jobgen_runtime.django.dashboard"


def close_pools_of_test_database(connection: Any, **_signal: Any) -> None:
    """Close this process's connections to the database if Django is about to create or drop it.

    Then it connects without a database. The server drops none that others are connected to.
    """
    if connection.alias == NO_DB_ALIAS:
        close_pool_sync()
        if _DASHBOARD in sys.modules:
            sys.modules[_DASHBOARD].close_dashboards()
