"""Release a worker's jobs after its death.

A worker whose threads do not end must exit before its rows may go to other workers. As its last act
it starts a process that waits for its death, which closes that process's standard input, and then
releases the rows without counting the attempts.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from psycopg import Error

from jobgen_runtime.database.worker_sessions import open_worker_session_sync
from jobgen_runtime.executor import sigusr1_blocked
from jobgen_runtime.queue import release_all


def start_deferred_release(
    conninfo: str,
    worker: UUID,
    tables: Sequence[tuple[str | None, str]],
    ended: Sequence[UUID],
) -> None:
    """Start the process that releases the jobs. The caller must exit soon after.

    Args:
        conninfo: The connection string of the database.
        worker: The id under which this process has claimed the jobs.
        tables: The schema and name of each job table.
        ended: The ids of jobs that have ended but whose completion is not written; these are
            not released.
    """
    request = {
        "conninfo": conninfo,
        "worker": str(worker),
        "tables": tables,
        "ended": [str(job) for job in ended],
    }
    with sigusr1_blocked():
        process = subprocess.Popen(
            [sys.executable, "-c", f"from {__name__} import main; main()"],
            stdin=subprocess.PIPE,
            # Signals to the worker's process group must not kill it too.
            start_new_session=True,
        )
    assert process.stdin is not None  # noqa: S101 -- stdin=PIPE
    process.stdin.write(json.dumps(request).encode() + b"\n")
    # The pipe stays open until this process dies.
    process.stdin.flush()


def main() -> None:
    """Read the request from standard input, wait for its end, and release the jobs."""
    request: dict[str, Any] = json.loads(sys.stdin.readline())
    sys.stdin.read()
    tables = [(schema, name) for schema, name in request["tables"]]
    # Without a database, the rescue requeues the jobs later.
    with suppress(Error), open_worker_session_sync(request["conninfo"])[0] as conn:
        ended = [UUID(job) for job in request["ended"]]
        release_all(conn, UUID(request["worker"]), tables, ended)
