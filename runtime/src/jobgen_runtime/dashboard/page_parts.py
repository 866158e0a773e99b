"""Read a page in parts, so that a table that cannot be read costs its own part alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import psycopg

from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.database.connections import TimeIsUp
from jobgen_runtime.dashboard.database.refused_statements import SLOW, shown_reason

T = TypeVar("T")

TIME_IS_UP = "the parts above took all the time that this page has"


async def part(
    request: DashboardRequest, read: Callable[[], Awaitable[T]], *, instead: Callable[[str], T]
) -> T:
    """Return a part of a page, or `instead` with the reason why it cannot be read.

    That costs the other parts little.
    """
    try:
        async with request.session.part():
            return await read()
    except TimeIsUp:
        reason = TIME_IS_UP
    except TimeoutError:
        reason = SLOW
    except psycopg.Error as error:
        if request.session.conn.closed:
            raise
        reason = shown_reason(error)
    return instead(reason)
