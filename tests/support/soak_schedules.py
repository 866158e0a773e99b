"""The schedule of the soak test, and a record of its ticks."""

from __future__ import annotations

from typing import Any

import psycopg

OPTIONS = """
from jobgen_runtime import Every
schedule = Every(
    timedelta(seconds=1), values={"what": "tick"}, catch_up="all", catch_up_limit=10_000
)
"""

RECORD_TICKS = """
CREATE TABLE ticks (at FLOAT8 NOT NULL);
CREATE FUNCTION record_tick() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ticks VALUES (EXTRACT(EPOCH FROM NEW.run_at));
    RETURN NULL;
END
$$;
CREATE TRIGGER record_tick AFTER INSERT ON probe_jobs
    FOR EACH ROW WHEN (NEW.what = 'tick') EXECUTE FUNCTION record_tick();
"""
"""Keeps the time of each tick: a retry moves the job's `run_at`."""


def end_schedule(conn: psycopg.Connection[Any]) -> list[float]:
    """Pause the schedule, and return the ticks that have inserted a job, in order."""
    conn.execute("UPDATE job_schedules SET paused_at = NOW()")
    conn.commit()
    return [at for (at,) in conn.execute("SELECT at FROM ticks ORDER BY at")]


def check_ticks(ticks: list[float]) -> None:
    """Check that each tick from the first to the last one has inserted one job."""
    assert len(ticks) > 3
    seconds = [round(at - ticks[0], 3) for at in ticks]
    assert seconds == list(range(len(ticks)))
