"""Fetch the records that jobs reference, with one query for a page of jobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias, TypeVar, overload
from uuid import UUID

from psycopg import AsyncConnection

from jobgen_runtime.contract.errors import RecordNotFound
from jobgen_runtime.dashboard.database.statements import statement
from jobgen_runtime.record import Record
from jobgen_runtime.table import quote_name

Key: TypeAlias = UUID | int | str
"""A foreign key's value."""

R = TypeVar("R")
S = TypeVar("S", bound=Record)


@overload
async def fetch_related(
    jobs: Sequence[R],
    key: Callable[[R], Key],
    record: type[S],
    *,
    conn: AsyncConnection[Any],
    optional: Literal[False] = False,
) -> list[tuple[R, S]]: ...
@overload
async def fetch_related(
    jobs: Sequence[R],
    key: Callable[[R], Key | None],
    record: type[S],
    *,
    conn: AsyncConnection[Any],
    optional: Literal[True],
) -> list[tuple[R, S | None]]: ...
async def fetch_related(
    jobs: Sequence[R],
    key: Callable[[R], Key | None],
    record: type[S],
    *,
    conn: AsyncConnection[Any],
    optional: bool = False,
) -> Sequence[tuple[R, S | None]]:
    """Return each job with the record that it references, in the order of `jobs`.

        await fetch_related(jobs, lambda job: job.band_id, Band, conn=self.conn)

    All records are read by one query, however many jobs there are.

    Args:
        jobs: Records of any kind.
        key: What returns the foreign key of a job: the primary key of the record.
        record: The class of the records that are referenced.
        conn: The connection to use.
        optional: Whether a job may reference none: None stands for a foreign key that is NULL, and
            for a record that is gone.

    Raises:
        RecordNotFound: A job references none, and `optional` is False.
        TypeError: The primary key of `record` is not one column.
    """
    table = record.__table__
    if len(table.key) != 1:
        raise TypeError(f"{table.name}: fetch_related needs a primary key of one column.")
    keys = [key(job) for job in jobs]
    wanted = {each for each in keys if each is not None}
    query = statement("read_rows_by_key").format(
        table=table.quoted_name, key=quote_name(table.key[0])
    )
    found = await record.fetch_all(query, {"keys": list(wanted)}, conn=conn) if wanted else []
    attribute = table.attribute(table.key[0])
    by_key: dict[Key | None, S] = {getattr(each, attribute): each for each in found}
    for each in keys:
        if each not in by_key and not optional:
            raise RecordNotFound(
                f"fetch_related: a job references no {record.__name__}: its foreign key is {each}. "
                "Pass optional=True if that may be."
            )
    return [(job, by_key.get(each)) for job, each in zip(jobs, keys, strict=True)]
