"""Makes the jobs of the soak test unique: one waits for each value of `what`."""

from __future__ import annotations

from typing import Any

import psycopg
from jobgen_runtime import Table
from jobgen_runtime.job_table.unique import UNIQUE_WHILE

from tests.support.application import Application

INDEX = Table.unique("soak_once", columns=("what",), statuses=UNIQUE_WHILE["waiting"])


def make_unique(app: Application, conn: psycopg.Connection[Any]) -> None:
    """Create the unique index, and describe it in the application's Types.py."""
    query = f"CREATE UNIQUE INDEX {INDEX.name} ON probe_jobs (what) WHERE {INDEX.status_condition}"
    conn.execute(query.encode())
    path, begin = app.root / "Generated/Types.py", '        "probe_jobs",\n'
    arguments = f"{INDEX.name!r}, columns={INDEX.columns}, statuses={INDEX.statuses}"
    text = path.read_text()
    assert begin in text
    path.write_text(
        text.replace(begin, f"{begin}        unique_indexes=(Table.unique({arguments}),),\n")
    )
