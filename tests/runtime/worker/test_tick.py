"""The ticks of schedules, and the schedules that the code defines, without a worker's process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from jobgen_runtime import Job
from jobgen_runtime.database.worker_connection import WorkerConnection, worker_session_settings
from jobgen_runtime.database.worker_sessions import open_worker_session, worker_conninfo
from jobgen_runtime.queue.schedules import Schedules, fetch_forecast, has_schedules
from jobgen_runtime.schedule.definitions import Definition
from jobgen_runtime.sql import read
from jobgen_runtime.table import compose
from jobgen_runtime.worker.define_schedules import ScheduleDefinitions
from jobgen_runtime.worker.scheduler import Scheduler
from jobgen_runtime.worker.tick import SUPPRESSED, Ticker
from psycopg import AsyncConnection
from psycopg.errors import LockNotAvailable

from tests.support.rows import Rows
from tests.support.schedules import add_schedule, read_schedule
from tests.support.shop_types import ProbeJob

Conn = AsyncConnection[Any]
Run = Callable[..., Any]
SCHEDULES = Schedules(ProbeJob.__table__)


@pytest.fixture
def run(app_database: str) -> Run:
    """A function that runs a coroutine function with that many connections of a worker."""

    def run_with(work: Callable[..., Awaitable[object]], connections: int = 1) -> object:
        async def main() -> object:
            async with AsyncExitStack() as stack:
                opened = []
                for _ in range(connections):
                    conninfo = worker_conninfo(app_database, role="schedule")
                    conn, _ = await open_worker_session(conninfo)
                    await conn.execute(worker_session_settings(timedelta(minutes=1)).encode())
                    opened.append(await stack.enter_async_context(conn))
                return await work(*opened)

        return asyncio.run(main())

    return run_with


async def tick_all(conn: Conn) -> int:
    """Run all ticks that are due; return how many schedules were due."""
    ticker, count = Ticker(SCHEDULES), 0
    while number := await ticker.tick(conn):
        count += number
        assert count < 1000, "a schedule is due again and again"
    return count


def jobs(rows: Rows) -> list[tuple[str, float]]:
    """Return what each job is, and how many seconds ago it was due, the oldest first."""
    query = (
        "SELECT what, EXTRACT(EPOCH FROM NOW() - run_at)::FLOAT8 FROM probe_jobs ORDER BY run_at"
    )
    return [(what, ago) for what, ago in rows.conn.execute(query)]


def make_due(rows: Rows, name: str, ago: str = "1 s") -> None:
    rows.conn.execute(
        "UPDATE job_schedules SET next_at = NOW() - %s::INTERVAL WHERE name = %s", (ago, name)
    )


def test_new_schedule_is_computed_then_inserts_its_values_once(rows: Rows, run: Run) -> None:
    add_schedule(rows.conn, "mine", values='{"what": "100 %s", "moment": "2026-01-02T03:04Z"}')
    assert run(tick_all) == 1
    assert 3000 < read_schedule(rows.conn, "mine")["due_in"] <= 3600
    assert jobs(rows) == []
    make_due(rows, "mine")
    assert run(tick_all) == 1
    [(what, ago)] = jobs(rows)
    assert what == "100 %s"
    # The job is due since its tick, not since it was inserted.
    assert 1 <= ago < 60
    row = read_schedule(rows.conn, "mine")
    [(job, run_at)] = rows.conn.execute("SELECT id, run_at FROM probe_jobs").fetchall()
    assert (row["last_job_id"], row["last_at"], row["last_error"]) == (job, run_at, None)
    # One interval after the tick, although that was late.
    assert 3000 < row["due_in"] <= 3599


def test_missed_ticks_are_caught_up_as_each_schedule_says(rows: Rows, run: Run) -> None:
    policies: dict[str, dict[str, object]] = {
        "latest": {},
        "skip": {"catch_up": "skip"},
        "all": {"catch_up": "all"},
        "three": {"catch_up": "all", "catch_up_limit": 3},
    }
    for name, columns in policies.items():
        add_schedule(rows.conn, name, "@every 1h", values=f'{{"what": "{name}"}}', **columns)
        make_due(rows, name, "5.5 h")
    assert run(tick_all) == 4
    found = [(what, round(ago / 60)) for what, ago in jobs(rows)]
    hours = {name: [ago for what, ago in found if what == name] for name, _ in found}
    assert hours == {"latest": [30], "all": [330, 270, 210, 150, 90, 30], "three": [150, 90, 30]}
    assert read_schedule(rows.conn, "skip")["last_job_id"] is None
    for name in ("latest", "skip", "all", "three"):
        assert 1500 < read_schedule(rows.conn, name)["due_in"] <= 1800


def test_job_that_the_table_refuses_does_not_hold_up_other_schedules(
    rows: Rows, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    rows.conn.execute("ALTER TABLE probe_jobs ADD CHECK (what <> 'bad')")
    rows.conn.execute(
        "CREATE UNIQUE INDEX one ON probe_jobs (what) WHERE status = 'job_status_not_started'"
    )
    rows.conn.execute(
        """
        CREATE FUNCTION judge() RETURNS TRIGGER LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.what = 'suppressed' THEN RETURN NULL; END IF;
            IF TG_NAME = 'late' AND NEW.what = 'late' THEN RAISE 'too late'; END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER judge BEFORE INSERT ON probe_jobs FOR EACH ROW EXECUTE FUNCTION judge();
        CREATE CONSTRAINT TRIGGER late AFTER INSERT ON probe_jobs DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION judge();
        """
    )
    rows.insert("unique")
    reasons = {
        "bad": "check constraint",
        "suppressed": SUPPRESSED,
        "late": "too late",
        "unique": "Skipped: a unique index allows one such job. duplicate key value violates",
        "wrong": 'olumn "whit" of relation',
        "runtime": "values has status, which the runtime fills.",
        "good": None,
    }
    for name in reasons:
        add_schedule(rows.conn, name, values=f'{{"what": "{name}"}}')
        make_due(rows, name)
    rows.conn.execute("""UPDATE job_schedules SET values = '{"whit": 1}' WHERE name = 'wrong'""")
    rows.conn.execute(
        """UPDATE job_schedules SET values = '{"status": 1}' WHERE name = 'runtime'"""
    )
    with caplog.at_level("INFO", "jobgen.worker"):
        assert run(tick_all) == len(reasons)
    for name, reason in reasons.items():
        row = read_schedule(rows.conn, name)
        assert (reason or "") in (row["last_error"] or ""), row
        assert (row["last_error"] is None) == (row["last_job_id"] is not None) == (reason is None)
        assert row["due_in"] > 3000
    assert sorted(what for what, _ in jobs(rows)) == ["good", "unique"]
    logged = [record.levelname for record in caplog.records if "could not" in record.message]
    # That a job is still unfinished is no fault.
    assert sorted(logged) == ["INFO"] + ["WARNING"] * 5


def test_many_schedules_that_are_due_at_once_share_transactions(rows: Rows, run: Run) -> None:
    rows.conn.execute("ALTER TABLE probe_jobs ADD CHECK (what <> '7')")
    rows.conn.execute(
        """
        INSERT INTO job_schedules (job_table, name, expression, values, next_at)
        SELECT 'probe_jobs', n, '@every 1h',
            CASE n % 2 WHEN 0 THEN '{}' ELSE jsonb_build_object('what', n::TEXT) END, NOW()
        FROM generate_series(1, 250) AS n
        """
    )

    async def work(conn: Conn) -> list[int]:
        ticker = Ticker(SCHEDULES)
        return [await ticker.tick(conn) for _ in range(4)]

    assert run(work) == [100, 100, 50, 0]
    found = [what for what, _ in jobs(rows)]
    assert found.count("return") == 125
    odd = {str(number) for number in range(1, 250, 2)}
    assert set(found) - {"return"} == odd - {"7"}
    assert len(found) == 249
    # Each schedule has its own job.
    own = rows.conn.execute(
        "SELECT count(*) FROM job_schedules JOIN probe_jobs ON id = last_job_id"
        " WHERE what IN ('return', name) AND last_at = run_at"
    ).fetchone()
    assert tuple(own or ()) == (249,)
    assert "check constraint" in read_schedule(rows.conn, "7")["last_error"]


def test_due_schedules_are_found_by_an_index(run: Run) -> None:
    statements: dict[bytes, dict[str, object]] = {
        b"EXPLAIN " + read("next_schedules").encode(): {"tables": ['"probe_jobs"']},
        b"EXPLAIN " + compose(ProbeJob.__table__, "lock_due_schedules").as_bytes(None): {
            "limit": 9
        },
    }

    async def work(conn: Conn) -> list[str]:
        return [
            "\n".join(line for (line,) in await (await conn.execute(query, values)).fetchall())
            for query, values in statements.items()
        ]

    for plan in run(work):
        assert "Index Scan using job_schedules_due" in plan
        assert "Sort" not in plan


def test_invalid_schedule_is_recorded_and_computed_once_it_is_corrected(
    rows: Rows, run: Run
) -> None:
    bad = {"never": "0 0 30 2 *", "absurd": "9" * 5000, "zone": "0 5 * * *", "every": "@every x"}
    for name, expression in bad.items():
        timezone = "Mars/Olympus" if name == "zone" else "UTC"
        add_schedule(rows.conn, name, expression, timezone=timezone)
    assert run(tick_all) == 4
    assert run(tick_all) == 0
    for name in bad:
        row = read_schedule(rows.conn, name)
        assert row["due_in"] is None
        assert row["last_error"]
    assert "Mars/Olympus" in read_schedule(rows.conn, "zone")["last_error"]
    rows.conn.execute("UPDATE job_schedules SET expression = '@every 1h', timezone = 'UTC'")
    assert read_schedule(rows.conn, "zone")["is_uncomputed"]
    assert run(tick_all) == 4
    for name in bad:
        row = read_schedule(rows.conn, name)
        assert row["last_error"] is None
        assert 3000 < row["due_in"] <= 3600


def test_tick_belongs_to_one_worker_and_to_another_if_that_one_dies(rows: Rows, run: Run) -> None:
    add_schedule(rows.conn, "mine")
    make_due(rows, "mine")

    async def work(first: Conn, second: Conn) -> None:
        await first.execute("BEGIN")
        [due] = await SCHEDULES.lock_due(first, limit=9)
        assert await SCHEDULES.insert(first, [due.values], [due.now])
        assert not await Ticker(SCHEDULES).tick(second)
        await first.close()
        # The server may notice only now.
        for _ in range(600):
            if await Ticker(SCHEDULES).tick(second):
                return
            await asyncio.sleep(0.1)
        raise AssertionError("the schedule stays locked")

    run(work, 2)
    assert len(jobs(rows)) == 1


def test_locked_job_table_leaves_the_tick_due(rows: Rows, run: Run) -> None:
    add_schedule(rows.conn, "mine")
    make_due(rows, "mine")

    async def work(conn: Conn) -> None:
        with pytest.raises(LockNotAvailable):
            await Ticker(SCHEDULES).tick(conn)

    with rows.conn.transaction():
        rows.conn.execute("LOCK TABLE probe_jobs")
        run(work)
    assert read_schedule(rows.conn, "mine")["last_error"] is None
    assert run(tick_all) == 1
    assert len(jobs(rows)) == 1


def test_paused_schedule_is_not_due_and_ticks_of_the_pause_are_not_caught_up(
    rows: Rows, run: Run
) -> None:
    add_schedule(rows.conn, "mine", catch_up="all", paused_at="now")
    make_due(rows, "mine", "9 h")
    tables = [ProbeJob.__table__]

    async def work(conn: Conn) -> None:
        assert await tick_all(conn) == 0
        assert not await has_schedules(conn, tables)
        assert not (await fetch_forecast(conn, tables)).seconds
        rows.conn.execute("UPDATE job_schedules SET paused_at = NULL")
        assert await has_schedules(conn, tables)
        assert (await fetch_forecast(conn, tables)).seconds == {'"probe_jobs"': 0}
        assert await tick_all(conn) == 1
        [seconds] = (await fetch_forecast(conn, tables)).seconds.values()
        assert seconds is not None
        assert 3000 < seconds <= 3600

    run(work)
    assert jobs(rows) == []


def test_scheduler_computes_ticks_again_once_the_clock_was_set(
    app_database: str, rows: Rows, run: Run
) -> None:
    class Probe(Job[ProbeJob]):
        def perform(self, job: ProbeJob) -> None:
            """Do nothing."""

    async def work(conn: Conn) -> None:
        connection = WorkerConnection(worker_conninfo(app_database, role="schedule"))
        scheduler = Scheduler([Probe], connection, poll=60)
        add_schedule(rows.conn, "mine")
        assert await tick_all(conn) == 1
        rows.conn.execute(
            "UPDATE job_schedules SET next_at = next_at + INTERVAL '1 d',"
            " computed_next_at = computed_next_at + INTERVAL '1 d'"
        )
        await scheduler._check_clock(conn, 1_000_000)
        await scheduler._check_clock(conn, 1_000_005)
        assert read_schedule(rows.conn, "mine")["due_in"] > 80_000
        await scheduler._check_clock(conn, 1_000_000 - 86_400)

    run(work)
    assert read_schedule(rows.conn, "mine")["due_in"] <= 3600


def definition(name: str = "default", expression: str = "@every 1h") -> Definition:
    return Definition(name, expression, "UTC", '{"what": "tick"}', "latest", 100)


def start(rows: Rows) -> UUID:
    """Register a worker and return its id."""
    worker = uuid4()
    rows.conn.execute(
        "INSERT INTO job_workers (id, expires_at, host, pid, version, tables)"
        " VALUES (%s, NOW() + INTERVAL '1 h', 'host', 1, '1', '{}')",
        (worker,),
    )
    return worker


def test_versions_of_the_code_replace_each_other_at_their_start_and_after_a_death(
    rows: Rows, run: Run
) -> None:
    def write(worker: UUID, *defined: Definition, is_start: bool = False) -> None:
        mine = ScheduleDefinitions(SCHEDULES, {each.name: each for each in defined})
        run(lambda conn: mine.write(conn, worker, is_start=is_start))

    def expression() -> str:
        return str(read_schedule(rows.conn, "default")["expression"])

    old, new = definition(expression="0 5 * * *"), definition(expression="0 6 * * *")
    gone = definition("gone")
    first = start(rows)
    write(first, old, gone, is_start=True)
    run(tick_all)
    due_in = read_schedule(rows.conn, "default")["due_in"]
    # The same code on another worker changes nothing.
    write(start(rows), old, gone, is_start=True)
    assert read_schedule(rows.conn, "default")["defined_by"] == first
    assert abs(read_schedule(rows.conn, "default")["due_in"] - due_in) < 60

    second = start(rows)
    write(second, new, is_start=True)
    assert expression() == "0 6 * * *"
    assert read_schedule(rows.conn, "default")["is_uncomputed"]
    # While both run, neither writes over the other, and nothing of the old one is deleted.
    write(first, old, gone)
    assert expression() == "0 6 * * *"
    write(first, old, gone, is_start=True)
    write(second, new)
    assert expression() == "0 5 * * *"
    assert read_schedule(rows.conn, "gone")
    # Once the old version has ended, the new one prevails.
    rows.conn.execute("DELETE FROM job_workers WHERE id = %s", (first,))
    write(second, new)
    assert expression() == "0 6 * * *"
    assert rows.conn.execute("SELECT FROM job_schedules WHERE name = 'gone'").fetchall() == []


def test_code_leaves_schedules_of_people_and_paused_ones_alone(
    rows: Rows, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    add_schedule(rows.conn, "default", "@every 7h")
    add_schedule(rows.conn, "paused", source="code", paused_at="now")
    add_schedule(rows.conn, "stale", source="code")
    mine = ScheduleDefinitions(SCHEDULES, {"default": definition()})
    for _ in range(2):
        run(lambda conn: mine.write(conn, start(rows), is_start=True))
    assert read_schedule(rows.conn, "default")["expression"] == "@every 7h"
    names = [name for (name,) in rows.conn.execute("SELECT name FROM job_schedules ORDER BY name")]
    assert names == ["default", "paused"]
    warnings = [each for each in caplog.records if "is not used" in each.message]
    assert len(warnings) == 1


def test_computed_ticks_are_corrected_and_those_set_by_hand_kept(rows: Rows, run: Run) -> None:
    for number in range(120):
        add_schedule(rows.conn, f"{number:03}", "@every 1h")
    add_schedule(rows.conn, "by hand", "@every 1h", next_at="2100-01-01Z")
    # As if the clock had been a day ahead.
    rows.conn.execute(
        "UPDATE job_schedules SET next_at = NOW() + INTERVAL '25 h',"
        " computed_next_at = NOW() + INTERVAL '25 h' WHERE name <> 'by hand'"
    )
    mine = ScheduleDefinitions(SCHEDULES, {})
    run(mine.correct_ticks)
    assert all(3000 < read_schedule(rows.conn, n)["due_in"] <= 3600 for n in ("000", "119"))
    assert read_schedule(rows.conn, "by hand")["due_in"] > 3700
