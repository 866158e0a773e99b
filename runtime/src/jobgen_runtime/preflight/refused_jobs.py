"""Find the jobs whose next transition the database refuses."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection, Error

from jobgen_runtime.contract.counted import counted
from jobgen_runtime.control import RefusedJob, fetch_refused_jobs
from jobgen_runtime.preflight.problem import Problem
from jobgen_runtime.table import Table

MAX_LISTED = 5


async def find_refused_jobs(conn: AsyncConnection[Any], table: Table, kind: str) -> list[Problem]:
    """Return a problem if jobs of the kind are refused; it names the first few with the reason."""
    try:
        refused = await fetch_refused_jobs(conn, table, limit=MAX_LISTED)
    except Error:
        # A locked table, or one without a column, is reported separately.
        if conn.closed:
            raise
        return []
    if not refused:
        return []
    first, total = refused[0], refused[0].total
    jobs = f"{counted(total, 'job')} {'is' if total == 1 else 'are'}"
    since = first.refused_at.isoformat(" ", "seconds")
    listed = "; ".join(map(_line, refused))
    more = f"; and {total - len(refused)} more" if total > len(refused) else ""
    return [
        Problem(
            f"{kind}: {jobs} refused by the database since {since}: {listed}{more}.",
            is_fatal=False,
            hint="Change these rows or what refuses them, or cancel or delete the jobs "
            "(`manage-jobs cancel`). Workers try again from time to time.",
        )
    ]


def _line(job: RefusedJob) -> str:
    return f"{job.job} {job.problem}: {job.reason}"
