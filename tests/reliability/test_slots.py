"""Slots: each row runs once on however many workers, limits are kept, and slots come back."""

from __future__ import annotations

import signal

from tests.support.application import Application
from tests.support.bookkeeping import check_effects, wait_for_final_states, write_recorded_job
from tests.support.rows import Rows


def test_ten_workers_run_each_of_a_thousand_rows_once(app: Application, rows: Rows) -> None:
    write_recorded_job(
        app,
        """
        together = 0

        async def perform(self, job):
            cls = type(self)
            cls.together += 1
            assert cls.together <= 4
            with recorded(job):
                await asyncio.sleep(0.005)
            cls.together -= 1
        """,
        options="max_concurrency = 4\nmax_attempts = 1\n",
    )
    workers = [app.start("run-jobs") for _ in range(10)]
    for worker in workers:
        worker.wait_for_line("ready")
    rows.insert(n=1000)
    ended = wait_for_final_states(app.env["DATABASE_URL"], 1000)
    assert set(ended.values()) == {("succeeded", 1)}
    assert set(check_effects(app.root, ended).values()) == {1}
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    for worker in workers:
        worker.wait_for_exit()


def test_slot_is_free_again_whatever_perform_did(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        together = 0
        all_slots = asyncio.Barrier(3)

        async def perform(self, job):
            cls = type(self)
            cls.together += 1
            try:
                assert cls.together <= 3
                await self.misbehave(job)
            finally:
                cls.together -= 1

        async def misbehave(self, job):
            match job.what:
                case "raise": raise ValueError
                case "base": raise BaseException
                case "exit": sys.exit()
                case "cancel": raise asyncio.CancelledError
                case "cancel own task": asyncio.current_task().cancel()
                case "too long": await asyncio.sleep(600)
                case "blocks": time.sleep(0.02)
                case "swallows":
                    try:
                        await asyncio.sleep(600)
                    except asyncio.CancelledError:
                        await asyncio.sleep(0.01)
                case "together": await self.all_slots.wait()
        """,
        options="max_concurrency = 3\nmax_attempts = 2\ntimeout = timedelta(seconds=1)\n",
    )
    bad = ["raise", "base", "exit", "cancel", "cancel own task", "too long", "blocks", "swallows"]
    jobs = [row for _ in range(3) for what in bad for row in rows.insert(what)]
    rows.insert("unreadable")
    rows.conn.execute("UPDATE probe_jobs SET moment = '12000-01-01' WHERE what = 'unreadable'")
    worker = app.run_jobs()
    wait_for_final_states(app.env["DATABASE_URL"], len(jobs) + 1)
    rows.wait_for_status(rows.insert("together", n=3), "succeeded", attempts=1)
    worker.send_signal(signal.SIGTERM)
    output = worker.wait_for_exit()
    assert "AssertionError" not in output
