"""Each tick of a schedule inserts one job, whatever happens to the workers."""

from __future__ import annotations

import signal

from tests.support.application import Application
from tests.support.rows import Rows
from tests.support.waiting import wait_for

PERFORM = "async def perform(self, job):\n    pass\n"
OPTIONS = """
from jobgen_runtime import Every

schedule = (
    Every(timedelta(seconds=1), values={"what": "first"}, catch_up="all"),
    Every(timedelta(seconds=1), values={"what": "second"}, catch_up="all", name="second"),
)
"""
BY_SCHEDULE = """
SELECT what, array_agg(EXTRACT(EPOCH FROM run_at)::FLOAT8 ORDER BY run_at) AS ticks
FROM probe_jobs GROUP BY what ORDER BY what
"""


def test_each_tick_inserts_one_job_through_crashes_restarts_and_an_outage(
    app: Application, rows: Rows
) -> None:
    def jobs() -> int:
        [(number,)] = rows.conn.execute("SELECT count(*) FROM probe_jobs").fetchall()
        return int(number)

    def wait_for_more(number: int) -> None:
        enough = jobs() + number
        wait_for(lambda: jobs() >= enough, f"{number} more jobs")

    app.write_job(PERFORM, options=OPTIONS)
    workers = [app.run_jobs() for _ in range(3)]
    wait_for_more(4)
    workers[0].send_signal(signal.SIGKILL)
    wait_for_more(4)
    workers[1].send_signal(signal.SIGTERM)
    workers[1].wait_for_exit()
    app.run_jobs()
    wait_for_more(4)
    # The server ends every connection, in the middle of a tick or not.
    rows.conn.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name LIKE 'run-jobs%'"
    )
    wait_for_more(6)
    found: dict[str, list[float]] = dict(rows.conn.execute(BY_SCHEDULE).fetchall())
    assert list(found) == ["first", "second"]
    for ticks in found.values():
        assert len(ticks) >= 5
        assert [round(tick - ticks[0], 3) for tick in ticks] == list(range(len(ticks)))
