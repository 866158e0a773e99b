"""The interface between the benchmark and the systems that it compares, one file per system.

The benchmark itself only speaks SQL. A system runs in its own worker and client processes, as its
users run them. The processes of a Python system run the `process` module of this package, which
calls `work` and `enqueuer`; those of a Node system run a script.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg

from benchmarks.queues.handlers import Handler, Style

Connection = psycopg.Connection[tuple[Any, ...]]
"""A connection of the benchmark, in autocommit mode."""


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """How to run a worker. `concurrency=None` means the value that suits the system best."""

    url: str
    style: Style = Style.ASYNC
    concurrency: int | None = None
    processes: int = 1
    kinds: int = 1


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """What a client enqueues: jobs numbered from `first`.

    It stops after `jobs` jobs or `seconds`. With a `batch` of 1 it uses the system's call for one
    job. `interval` is the time between two calls of a connection, in seconds; with an interval,
    the client reports when each job was committed.
    """

    url: str
    first: int = 0
    jobs: int = 2_000_000
    seconds: float = 3600.0
    connections: int = 1
    batch: int = 1
    interval: float = 0.0


class System(Protocol):
    """A job queue as the benchmark sees it."""

    name: str
    """The name in the table and in `--systems`."""
    settings: str
    """How it is configured, printed with the table."""
    keeps_finished: bool
    """Whether finished jobs stay in the table that is claimed from."""
    table_per_kind: bool
    """Whether each kind of job has its own table."""
    insert_sql: str | None
    """The statement that enqueues a job, if the system offers that to its users."""

    def missing(self) -> str | None:
        """Return why the system cannot run on this machine, or None."""

    def refuses(self, handler: Handler) -> str | None:
        """Return why the system cannot run such jobs, or None."""

    def version(self) -> str:
        """Return the version that runs."""

    def install(self, url: str, kinds: int) -> None:
        """Create the schema in an empty database, for a number of kinds of job."""

    def fill(self, conn: Connection, jobs: int) -> None:
        """Insert jobs numbered from 0 with SQL, as the system's client would leave them."""

    def fill_finished(self, conn: Connection, jobs: int) -> None:
        """Insert finished jobs with SQL, as the system's worker would leave them."""

    def unfinished(self, conn: Connection) -> int:
        """Return the number of jobs that are not finished."""

    def worker_commands(self, options: WorkerOptions) -> list[list[str]]:
        """Return the commands whose processes together are one worker."""

    def client_command(self, options: ClientOptions) -> list[str]:
        """Return the command of a client process; see `client`."""


class Enqueuer(Protocol):
    """Enqueues over one connection; each call returns once its jobs are committed."""

    async def one(self, number: int) -> None:
        """Enqueue one job with the system's call for one job."""

    async def many(self, numbers: Sequence[int]) -> None:
        """Enqueue many jobs with the system's call for many."""
