"""Rows of `job_refusals`, as a worker writes them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tests.support.rows import Rows


def refuse(rows: Rows, jobs: Sequence[UUID], wanted: str, reason: str) -> None:
    """Record that the database refuses jobs of `probe_jobs` the status `wanted`."""
    for job in jobs:
        rows.conn.execute(
            "INSERT INTO job_refusals (job_table, job_id, wanted_status, reason)"
            " VALUES ('probe_jobs', %s, %s, %s)",
            (job, f"job_status_{wanted}", reason),
        )
