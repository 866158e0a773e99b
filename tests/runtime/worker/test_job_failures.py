"""Failures of one job or its row delay no other job."""

from __future__ import annotations

from tests.support.application import Application
from tests.support.rows import Rows


def test_row_gets_the_right_status_and_the_slot_is_freed_however_perform_ends(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        """
        async def perform(self, job):
            match job.what:
                case "base": raise BaseException("base")
                case "exit": sys.exit(3)
                case "interrupt": raise KeyboardInterrupt
                case "stop": raise StopIteration
                case "cancel": raise asyncio.CancelledError
                case "nul": raise ValueError("a" + chr(0) + "b" + chr(0xD800))
                case "huge": raise ValueError("x" * 10_000_000)
                case "deep": await self.perform(job)
                case "unprintable":
                    class Unprintable(Exception):
                        def __str__(self): raise SystemExit
                    raise Unprintable
                case "garbage": return object()
                case "swallow":
                    try: await asyncio.sleep(600)
                    except asyncio.CancelledError: pass
                    await asyncio.sleep(0.05)
        """,
        options="max_concurrency = 1\nmax_attempts = 1\ntimeout = timedelta(seconds=5)\n",
    )
    bad = ["base", "exit", "interrupt", "stop", "cancel", "nul", "huge", "deep", "unprintable"]
    app.run_jobs()
    jobs = {what: rows.insert(what)[0] for what in [*bad, "garbage", "return"]}
    rows.wait_for_status([jobs[what] for what in bad], "failed", attempts=1)
    rows.wait_for_status([jobs["garbage"], jobs["return"]], "succeeded")
    errors = {what: rows.get(jobs[what]).last_error for what in bad}
    assert all(len(error) <= 16_000 for error in errors.values())
    assert errors["base"].endswith("BaseException: base")
    assert errors["nul"].endswith("a\\x00b\\ud800")
    assert "ValueError: xxx" in errors["huge"]
    assert errors["huge"].startswith("Traceback")
    assert "RecursionError" in errors["deep"]


def test_synchronous_perform_may_raise_anything(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        def perform(self, job):
            raise {"stop": StopIteration, "exit": SystemExit, "base": BaseException}[job.what]
        """,
        options="max_concurrency = 1\nmax_attempts = 1\n",
    )
    app.run_jobs()
    rows.wait_for_status([rows.insert(what)[0] for what in ("stop", "exit", "base")], "failed")


def test_job_that_swallows_its_cancellation_times_out(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        async def perform(self, job):
            try:
                await asyncio.sleep(600)
            except asyncio.CancelledError:
                await asyncio.sleep(0)
        """,
        options="max_attempts = 1\ntimeout = timedelta(seconds=0.05)\n",
    )
    app.run_jobs()
    rows.wait_for_status(rows.insert(), "timed_out")


def test_row_that_cannot_be_decoded_fails_alone(app: Application, rows: Rows) -> None:
    good = rows.insert(n=5)
    [bad] = rows.insert("bad")
    rows.conn.execute("UPDATE probe_jobs SET moment = '12000-01-01' WHERE id = %s", (bad,))
    good += rows.insert(n=5)
    app.write_job("async def perform(self, job): pass", options="max_attempts = 1\n")
    app.run_jobs()
    rows.wait_for_status(good, "succeeded")
    rows.wait_for_status([bad], "failed", attempts=1)
    assert "cannot be decoded" in rows.get(bad).last_error


def test_job_with_a_backoff_that_raises_is_retried(app: Application, rows: Rows) -> None:
    app.write_job(
        "async def perform(self, job):\n    raise ValueError",
        options="class Bad:\n    def delay(self, attempts): raise KeyError\nbackoff = Bad()\n",
    )
    app.run_jobs()
    rows.wait_for_status(rows.insert(), "retry")


def test_deleted_row_and_row_of_another_worker_delay_no_other_job(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        """
        async def perform(self, job):
            if job.what == "wait":
                print("waiting", flush=True)
                while not os.path.exists("go"):
                    await asyncio.sleep(0.01)
        """
    )
    worker = app.run_jobs()
    jobs = rows.insert("wait", n=2)
    worker.wait_for_line("waiting", times=2)
    rows.conn.execute("DELETE FROM probe_jobs WHERE id = %s", (jobs[0],))
    # As if another worker had claimed the row.
    rows.conn.execute(
        "UPDATE probe_jobs SET locked_at = now(), last_error = 'theirs' WHERE id = %s", (jobs[1],)
    )
    app.write("go", "")
    worker.wait_for_line("no longer belonged to this worker", times=2)
    taken = rows.get(jobs[1])
    assert (taken.status, taken.last_error) == ("job_status_running", "theirs")
    rows.wait_for_status(rows.insert(), "succeeded")


def test_drain_runs_a_job_that_becomes_due_while_the_worker_looks_for_due_jobs(
    app: Application, rows: Rows
) -> None:
    """The answer does not include a retry that was written after the query was sent."""
    rows.insert("later", run_at="now() + interval '1 hour'")
    [job] = rows.insert()
    rows.conn.execute(
        "CREATE FUNCTION is_visible(what TEXT) RETURNS BOOLEAN LANGUAGE plpgsql AS $$"
        " BEGIN PERFORM pg_sleep(0.5) WHERE what = 'later'; RETURN TRUE; END $$"
    )
    rows.conn.execute("ALTER TABLE probe_jobs RENAME TO probes")
    rows.conn.execute("CREATE VIEW probe_jobs AS SELECT * FROM probes WHERE is_visible(what)")
    app.write_job("async def perform(self, job): raise ValueError", options="max_attempts = 3\n")
    app.start("run-jobs", "--drain").wait_for_exit(1)
    rows.wait_for_status([job], "failed", attempts=3)
