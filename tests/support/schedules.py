"""The table `job_schedules` as a test writes and reads it."""

from __future__ import annotations

from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

PROBE = "probe_jobs"


def add_schedule(
    conn: Connection[Any], name: str, expression: str = "@every 1h", **columns: object
) -> None:
    """Insert a schedule of `probe_jobs` with plain SQL."""
    given = {"job_table": PROBE, "name": name, "expression": expression, **columns}
    names = ", ".join(given)
    values = ", ".join(f"%({each})s" for each in given)
    query = f"INSERT INTO job_schedules ({names}) VALUES ({values})"  # noqa: S608 -- own names
    conn.execute(query.encode(), given)


def read_schedule(conn: Connection[Any], name: str) -> dict[str, Any]:
    """Return the row of a schedule; `due_in` has the seconds until it is due, None for never."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            "SELECT expression, source, paused_at, last_at, last_job_id, last_error, defined_by,"
            " next_at IS NULL AS is_uncomputed, CASE WHEN isfinite(next_at)"
            " THEN EXTRACT(EPOCH FROM next_at - NOW())::FLOAT8 END AS due_in"
            " FROM job_schedules WHERE name = %s",
            (name,),
        ).fetchone()
    assert row is not None
    return row
