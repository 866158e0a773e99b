"""`run-jobs --check`: what the database lacks, as SQL that adds it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from psycopg import AsyncConnection, OperationalError

from jobgen_runtime.contract import NoDatabase
from jobgen_runtime.database import database_url, describe_url
from jobgen_runtime.database.worker_connection import worker_conninfo
from jobgen_runtime.job import Job
from jobgen_runtime.supervisor import Lack, find_lacks

NOTHING = 0
MISSING = 3
"""Exit codes: nothing is missing; something is."""


def check(jobs: Sequence[type[Job[Any]]]) -> int:
    """Prints what is missing, with its SQL, for psql: all else is a comment. Changes nothing.

    The exit code. Raises NoDatabase where the database cannot be asked.
    """
    url = database_url()
    place = describe_url(url)
    try:
        lacks = asyncio.run(_find(worker_conninfo(url, role="check"), jobs))
    except OperationalError as error:
        raise NoDatabase(f"The {place} cannot be asked: {str(error).strip()}") from error
    for line in _script(lacks) if lacks else [f"-- Nothing is missing in the {place}."]:
        print(line)  # noqa: T201 -- the command's output
    return MISSING if lacks else NOTHING


async def _find(conninfo: str, jobs: Sequence[type[Job[Any]]]) -> list[Lack]:
    async with await AsyncConnection.connect(conninfo, autocommit=True) as conn:
        return await find_lacks(conn, jobs)


def _script(lacks: Sequence[Lack]) -> Iterator[str]:
    for lack in lacks:
        yield f"-- {lack.sentence}"
        if lack.statements:
            yield from (f"{statement.rstrip().rstrip(';')};" for statement in lack.statements)
        else:
            yield f"-- {lack.hint}"
