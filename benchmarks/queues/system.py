"""The seam between the benchmark and the systems that it compares: one file a system.

The benchmark itself speaks SQL only; whatever a system does it does in processes of its own,
a worker's and a client's, as its users run them. A Python system's processes are this
package's `process` module, which calls `work` and `enqueuer`; a Node system's are a script.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg

from benchmarks.queues.handlers import Handler, Style

Connection = psycopg.Connection[tuple[Any, ...]]
"""One of the benchmark's own, in autocommit."""


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """What a worker is to be: `concurrency` None is what suits the system best."""

    url: str
    style: Style = Style.ASYNC
    concurrency: int | None = None
    processes: int = 1
    kinds: int = 1


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """What a client is to enqueue: jobs numbered from `first`.

    It ends after `jobs` jobs or `seconds`. `batch` of 1 is the system's call for one job;
    `interval` is the pause between a connection's calls, in seconds, and with one the
    client tells when each job was committed.
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
    """As in the table and in `--systems`."""
    settings: str
    """How it is set up, and why so: printed with the table."""
    keeps_finished: bool
    """Whether finished jobs stay in the table that is worked on."""
    table_per_kind: bool
    """Whether each kind of job has a table of its own."""
    insert_sql: str | None
    """How a job is enqueued in plain SQL, where that is a way meant for its users."""

    def missing(self) -> str | None:
        """Why it cannot run on this machine, if it cannot."""

    def refuses(self, handler: Handler) -> str | None:
        """Why it has no such jobs, if it has none."""

    def version(self) -> str:
        """The version that runs."""

    def install(self, url: str, kinds: int) -> None:
        """Make its schema in an empty database, for so many kinds of job."""

    def fill(self, conn: Connection, jobs: int) -> None:
        """Put jobs numbered from 0 into the queue, as its client would leave them, by SQL."""

    def fill_finished(self, conn: Connection, jobs: int) -> None:
        """Put as many finished jobs into its tables, as its worker would leave them."""

    def unfinished(self, conn: Connection) -> int:
        """How many jobs are not finished yet."""

    def worker_commands(self, options: WorkerOptions) -> list[list[str]]:
        """The commands that together are one worker."""

    def client_command(self, options: ClientOptions) -> list[str]:
        """The command that enqueues: see `client`."""


class Enqueuer(Protocol):
    """One connection's way to enqueue; each call returns once its jobs are committed."""

    async def one(self, number: int) -> None:
        """Enqueue one job by the system's call for one."""

    async def many(self, numbers: Sequence[int]) -> None:
        """Enqueue many by its call for many."""
