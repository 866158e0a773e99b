"""Puts back what a worker held whose threads would not end: after it has ended.

A process of its own, started by the worker as its last act. It waits for the worker's death, which
closes its standard input; only then are the rows free for others, and the attempts not counted.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import psycopg

from jobgen_runtime.queue import put_back_all


def schedule(
    conninfo: str,
    worker: UUID,
    tables: Sequence[tuple[str | None, str]],
    ended: Sequence[UUID],
) -> None:
    """Starts the process that does it. The caller must exit soon after."""
    order = {
        "conninfo": conninfo,
        "worker": str(worker),
        "tables": tables,
        "ended": [str(job) for job in ended],
    }
    process = subprocess.Popen(
        [sys.executable, "-c", f"from {__name__} import main; main()"],
        stdin=subprocess.PIPE,
        # Signals to the worker's group must not end it too.
        start_new_session=True,
    )
    assert process.stdin is not None  # noqa: S101 -- stdin=PIPE
    process.stdin.write(json.dumps(order).encode() + b"\n")
    # Stays open until this process ends.
    process.stdin.flush()


def main() -> None:
    """Reads the order, waits for the end of the input, and carries it out."""
    order: dict[str, Any] = json.loads(sys.stdin.readline())
    sys.stdin.read()
    tables = [(schema, name) for schema, name in order["tables"]]
    # Without a database, the rescue does it later.
    with suppress(psycopg.Error), psycopg.connect(order["conninfo"], autocommit=True) as conn:
        ended = [UUID(job) for job in order["ended"]]
        put_back_all(conn, UUID(order["worker"]), tables, ended)
