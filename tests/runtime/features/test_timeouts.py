"""The log and the row of a job that runs longer than its timeout."""

from __future__ import annotations

import pytest
from jobgen_runtime.contract.error_summary import error_summary

from tests.support.application import Application, branches
from tests.support.rows import Rows

ASYNC = {
    "sleeps": "await asyncio.sleep(600)",
    "swallows": """
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            await asyncio.sleep(0)
    """,
    "translates": """
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            raise ValueError("mine")
    """,
    "task group": """
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.sleep(600))
    """,
    "longer own timeout": """
        async with asyncio.timeout(600):
            await asyncio.sleep(600)
    """,
    "own timeout": """
        async with asyncio.timeout(0.01):
            await asyncio.sleep(600)
    """,
    "own timeout in a group": """
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.wait_for(asyncio.sleep(600), 0.01))
    """,
}
SYNC = {
    "sleeps": "time.sleep(2)",
    "swallows": """
        try:
            time.sleep(2)
        except SystemExit:
            pass
    """,
    "returns an awaitable": "return asyncio.sleep(600)",
    "own timeout": "raise TimeoutError('mine')",
}
CASES = {
    "async": ("async def", ASYNC, ""),
    "in a thread": ("def", SYNC, ""),
    "in a process": ("def", SYNC, "isolation = 'process'\n"),
}


@pytest.mark.parametrize("where", CASES)
def test_log_and_row_say_that_a_job_ran_longer_than_its_timeout(
    app: Application, rows: Rows, where: str
) -> None:
    define, bodies, options = CASES[where]
    app.write_job(
        f"{define} perform(self, job):\n" + _indented(branches(bodies)),
        options=f"{options}timeout = timedelta(seconds=1.5)\n"
        "backoff = ConstantBackoff(timedelta(hours=1))\n",
    )
    jobs = {what: rows.insert(what)[0] for what in bodies}
    log = app.start("run-jobs", "--drain").wait_for_exit(1).splitlines()
    assert len(jobs) == len(bodies) > 3
    for what, job in jobs.items():
        [line] = [line for line in log if str(job) in line]
        summary = error_summary(rows.get(job).last_error)
        if what.startswith("own timeout"):
            assert "failed, retrying in 1 h: " in line
            assert "TimeoutError" in line
            assert "longer than" not in rows.get(job).last_error
        else:
            assert line.endswith(
                "WARNING [Probe " + f"{job} attempt 1] timed out after 1.5 s, retrying in 1 h"
            )
            assert summary == "The attempt ran longer than its timeout of 1.5 s."


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())
