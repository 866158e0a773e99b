"""The settings of a session that a connection has to itself."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import psycopg
import pytest
from jobgen_runtime.database.sessions import detect_own_session, detect_own_session_sync
from psycopg.conninfo import make_conninfo


@pytest.mark.parametrize(
    ("zone", "read_in"),
    [("Etc/UTC", UTC), ("UTC", UTC), ("Europe/Berlin", ZoneInfo("Europe/Berlin"))],
)
def test_dates_keep_the_servers_zone_and_other_names_of_utc_become_utc(
    app_database: str, zone: str, read_in: tzinfo
) -> None:
    url = make_conninfo(app_database, options=f"-c TimeZone={zone}")
    query = "SELECT TIMESTAMPTZ '2026-11-24 12:00+00'"

    async def date() -> datetime:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
            assert await detect_own_session(conn)
            found = await (await conn.execute(query)).fetchone()
            assert found is not None
            [read] = found
            assert isinstance(read, datetime)
            return read

    with psycopg.connect(url, autocommit=True) as conn:
        assert detect_own_session_sync(conn)
        found = conn.execute(query).fetchone()
        assert found is not None
    for read in (found[0], asyncio.run(date())):
        assert read == datetime(2026, 11, 24, 12, tzinfo=UTC)
        assert read.tzinfo == read_in
