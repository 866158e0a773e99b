"""Find what a drain has left undone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from psycopg import Error

from jobgen_runtime.contract.counted import counted
from jobgen_runtime.database.server_errors import server_reason
from jobgen_runtime.database.worker_connection import WorkerConnection
from jobgen_runtime.worker.lanes import Lanes

DATABASE_SECONDS = 5.0
"""How long to wait for the database, which has answered until now."""


async def find_undone(lanes: Lanes, connection: WorkerConnection) -> list[str]:
    """Return what could not be done, apart from attempts that failed, one log line each."""
    found = [
        f"the database refuses to start {counted(count, 'job')} of {kind}"
        for kind, count in lanes.refused_to_start().items()
    ]
    found += [f"jobs of {kind} could not be claimed" for kind in lanes.failing()]
    if count := sum(len(lane.claims.completions) for lane in lanes):
        found.append(f"the ends of {counted(count, 'job')} could not be written")
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            found += [line async for line in _refused_ends(lanes, connection)]
    except (Error, OSError) as error:
        reason = server_reason(error) if isinstance(error, Error) else str(error).strip()
        reason = reason or "it does not answer"
        found.append(f"cannot ask the database for jobs whose end it refuses: {reason}")
    return found


async def _refused_ends(lanes: Lanes, connection: WorkerConnection) -> AsyncIterator[str]:
    """Yield a line for each kind with jobs, of any worker, whose end the database refuses."""
    for lane in lanes:
        count = await lane.refusals.count_ends(await connection.connection())
        if count:
            jobs = counted(count, "job")
            yield f"the database refuses to store how {jobs} of {lane.name} ended"
