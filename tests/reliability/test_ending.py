"""A worker that was told to end ends, whatever its jobs have left behind."""

from __future__ import annotations

import signal

import pytest

from tests.runtime.conftest import Application, Rows

LEFT_BEHIND = {
    "a thread of asyncio's": """
        async def perform(self, job):
            print("waits", flush=True)
            await asyncio.to_thread(time.sleep, 600)
        """,
    "a thread of its own": """
        async def perform(self, job):
            import threading
            threading.Thread(target=time.sleep, args=(600,)).start()
            print("waits", flush=True)
        """,
    "a task that cannot be cancelled": """
        async def perform(self, job):
            type(self).left = asyncio.create_task(self.stay())
            print("waits", flush=True)

        async def stay(self):
            while True:
                try:
                    await asyncio.sleep(600)
                except asyncio.CancelledError:
                    pass
        """,
}


@pytest.mark.parametrize("left", LEFT_BEHIND)
def test_what_jobs_leave_behind_does_not_hold_up_the_end(
    app: Application, rows: Rows, left: str
) -> None:
    app.job(LEFT_BEHIND[left])
    worker = app.run_jobs("--grace", "0.1")
    rows.insert()
    worker.wait_for("waits")
    worker.send(signal.SIGTERM)
    assert "that jobs have left behind do not end" in worker.end()
    assert rows.conn.execute("SELECT count(*) FROM job_workers").fetchone() == (0,)
