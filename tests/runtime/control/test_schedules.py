"""`manage-jobs schedule` and `schedules`, and the functions behind them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from jobgen_runtime import Cron, Every
from jobgen_runtime.contract.errors import JobgenRuntimeError, UnknownName
from jobgen_runtime.control import (
    add_schedule,
    fetch_schedules,
    fetch_schedules_sync,
    pause_schedule,
    pause_schedule_sync,
    remove_schedule,
    remove_schedule_sync,
    resume_schedule,
    run_schedule_now,
)
from jobgen_runtime.database import close_pool
from jobgen_runtime.table import Table

from tests.support import schedules
from tests.support.application import Application
from tests.support.rows import Rows
from tests.support.schedules import read_schedule
from tests.support.shop_types import ProbeJob

TABLE: Table = ProbeJob.__table__


def manage(app: Application, *arguments: object, code: int = 0) -> list[str]:
    """Run the command, which must exit with `code`, and return the lines of its output."""
    return app.start("manage-jobs", *map(str, arguments)).wait_for_exit(code).splitlines()


def test_commands_add_show_pause_run_and_remove_a_schedule(app: Application, rows: Rows) -> None:
    assert manage(app, "schedules") == ["There are no schedules."]
    values = """{"what": "é'"}"""
    options = ("--timezone", "Europe/Berlin", "--values", values, "--catch-up", "skip")
    added = manage(app, "schedule", "add", "Probe", "nightly", "0 5 * * *", *options)
    assert added == ["Probe nightly: added"]
    assert manage(app, "schedule", "list", "ProbeJob") == [
        (
            "Probe nightly: 0 5 * * * Europe/Berlin, next to be computed, last never, "
            "added by an operator"
        ),
        "    No live worker has its job class, so it does not run.",
    ]
    assert manage(app, "schedule", "pause", "Probe", "nightly") == ["Probe nightly: paused"]
    assert manage(app, "schedule", "pause", "Probe", "nightly") == ["Probe nightly: already paused"]
    [line] = manage(app, "schedule", "run-now", "probe_jobs", "nightly")
    assert line.startswith("Probe nightly: inserted the job ")
    assert rows.get(UUID(line.split()[-1])).status == "job_status_not_started"
    assert rows.conn.execute("SELECT what FROM probe_jobs").fetchall() == [("é'",)]
    status = manage(app, "status", "Probe")
    assert status[0].startswith("Probe: 1 waiting")
    assert status[1].startswith("  schedule nightly: 0 5 * * * Europe/Berlin, paused since ")
    assert manage(app, "schedule", "resume", "Probe", "nightly") == ["Probe nightly: resumed"]
    assert manage(app, "schedule", "remove", "Probe", "nightly") == ["Probe nightly: removed"]
    assert rows.conn.execute("SELECT FROM job_schedules").fetchall() == []


def test_wrong_arguments_are_explained(app: Application) -> None:
    add = ("schedule", "add", "Probe", "x")
    for arguments, code, expected in (
        ((*add, "0 25 * * *"), 1, "manage-jobs: Cron: '0 25 * * *' is not a cron expression"),
        ((*add, "@daily", "--timezone", "Berlin"), 1, "Did you mean 'Europe/Berlin'?"),
        (
            (*add, "@daily", "--values", "[1]"),
            1,
            "values must be a JSON object by column, not '[1]'",
        ),
        ((*add, "@daily", "--values", '{"who": 1}'), 1, "These are what, moment."),
        ((*add, "@daily", "--catch-up", "some"), 2, "invalid choice"),
        (("schedule", "pause", "Probe", "x"), 2, "probe_jobs has no schedule 'x'."),
        (("schedule", "add", "Prob", "x", "@daily"), 2, "There is no job called Prob."),
    ):
        output = "\n".join(manage(app, *arguments, code=code))
        assert expected in output
        assert "Traceback" not in output


def test_schedule_of_a_class_that_is_gone_is_shown_and_can_be_removed(
    app: Application, rows: Rows
) -> None:
    rows.conn.execute("CREATE TABLE gone_jobs (LIKE probe_jobs INCLUDING ALL)")
    for table in ("gone_jobs", "probe_jobs"):
        schedules.add_schedule(rows.conn, "mine", job_table=table)
    rows.conn.execute("CREATE TABLE dropped_jobs (id INT)")
    schedules.add_schedule(rows.conn, "lost", job_table="dropped_jobs")
    rows.conn.execute("DROP TABLE dropped_jobs")
    lines = manage(app, "schedules")
    assert [line.partition(",")[0] for line in lines if not line.startswith(" ")] == [
        "gone_jobs mine: @every 1h",
        "Probe mine: @every 1h",
        "a dropped table lost: @every 1h",
    ]
    assert lines[-1] == "    Its job table was dropped."
    removed = manage(app, "schedule", "remove", "gone_jobs", "mine")
    assert removed == ["gone_jobs mine: removed"]


def test_schedule_of_running_code_cannot_be_removed(rows: Rows) -> None:
    worker = uuid4()
    rows.conn.execute(
        "INSERT INTO job_workers (id, expires_at, host, pid, version, tables)"
        " VALUES (%s, NOW() + INTERVAL '1 h', 'host', 1, '1', '{probe_jobs}')",
        (worker,),
    )
    schedules.add_schedule(rows.conn, "mine", source="code", defined_by=worker)
    [shown] = fetch_schedules_sync(None, [TABLE])
    assert (shown.problem, shown.is_defined, shown.has_workers) == (None, True, True)
    with pytest.raises(JobgenRuntimeError, match="is in the code of a running worker"):
        remove_schedule_sync(None, TABLE, "mine")
    assert pause_schedule_sync(None, TABLE, "mine")
    rows.conn.execute("UPDATE job_workers SET expires_at = NOW()")
    assert fetch_schedules_sync(None, limit=1)[0].problem is not None
    remove_schedule_sync(None, TABLE, "mine")
    with pytest.raises(UnknownName, match="has no schedule 'mine'"):
        remove_schedule_sync(None, TABLE, "mine")


def test_functions_work_asynchronously(rows: Rows) -> None:
    async def work() -> None:
        try:
            await add_schedule(None, TABLE, Every(timedelta(hours=1), name="a"))
            await add_schedule(None, TABLE, Cron("@daily", name="b"), '{"what": "b"}')
            with pytest.raises(JobgenRuntimeError, match="has a schedule 'a' already"):
                await add_schedule(None, TABLE, Cron("@daily", name="a"))
            assert await pause_schedule(None, TABLE, "a")
            assert await resume_schedule(None, TABLE, "a")
            assert not await resume_schedule(None, TABLE, "a")
            assert await run_schedule_now(None, TABLE, "b") is not None
            with pytest.raises(UnknownName):
                await run_schedule_now(None, TABLE, "c")
            found = await fetch_schedules(None, [TABLE])
            assert [each.name for each in found] == ["a", "b"]
            await remove_schedule(None, TABLE, "a")
        finally:
            await close_pool()

    asyncio.run(work())
    assert rows.conn.execute("SELECT what FROM probe_jobs").fetchall() == [("b",)]
    assert read_schedule(rows.conn, "b")["source"] == "operator"
