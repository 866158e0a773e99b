"""Read all columns of jobs as text, as an export has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Error, sql
from psycopg.rows import tuple_row

from jobgen_runtime.dashboard.database.discovery import Column, JobTable
from jobgen_runtime.dashboard.database.refused_statements import is_statement_error
from jobgen_runtime.dashboard.database.statements import statement
from jobgen_runtime.dashboard.jobs.job_view import Value
from jobgen_runtime.dashboard.jobs.rows import (
    DETAIL_CHARACTERS,
    column_text,
    column_value,
    read_value,
)

ExportedJob = Sequence[tuple[Column, Value]]


async def read_jobs(
    conn: AsyncConnection[Any], table: JobTable, jobs: Sequence[UUID]
) -> list[ExportedJob]:
    """Return the jobs that still exist, in the order of their ids.

    If the database cannot compute a value, the others are still returned.
    """
    try:
        async with conn.transaction():
            rows = await _read(conn, table, jobs)
    except Error as error:
        if not is_statement_error(conn, error):
            raise
        return [await _read_by_column(conn, table, job) for job in jobs]
    return [
        [
            (column, column_value(text, table, column, DETAIL_CHARACTERS))
            for column, text in zip(table.columns, rows[job], strict=True)
        ]
        for job in jobs
        if job in rows
    ]


async def _read(
    conn: AsyncConnection[Any], table: JobTable, jobs: Sequence[UUID]
) -> dict[UUID, Sequence[str | None]]:
    columns = [column_text(column, DETAIL_CHARACTERS) for column in table.columns]
    query = statement("read_rows").format(
        columns=sql.SQL(", ").join(columns), table=table.identifier
    )
    async with conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query, {"ids": list(jobs)})
        return {job: texts for job, *texts in await cursor.fetchall()}


async def _read_by_column(
    conn: AsyncConnection[Any], table: JobTable, job: UUID
) -> list[tuple[Column, Value]]:
    return [
        (column, await read_value(conn, table, job, column, DETAIL_CHARACTERS))
        for column in table.columns
    ]
