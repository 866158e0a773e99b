"""Asks the database about the jobs without keeping a page waiting for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from jobgen.errors import JobgenError
from jobgen.generate.inputs import database_urls
from jobgen.ide.job_tables import JobTable, TableState, insert_job, read_states
from jobgen.schema.model import QualifiedName

_WAIT_SECONDS = 0.5
"""Seconds that a page waits for the database."""

_NO_DATABASE = JobgenError(
    "The database is not known: DATABASE_URL is not set, and the project's own does not run.",
    hint="`jobgen dev` or `jobgen postgres start` starts it.",
)


@dataclass(frozen=True, slots=True)
class DatabaseAnswer:
    """What the database says.

    Attributes:
        states: The state of each table; empty if there is none.
        problem: Why there is none; None if there is.
        hint: What to do about it.
    """

    states: Mapping[QualifiedName, TableState] = field(default_factory=dict)
    problem: str | None = None
    hint: str | None = None


class JobDatabase:
    """The database of the project at `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = Lock()
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="job-database")
        self._question: Future[dict[QualifiedName, TableState]] | None = None

    def ask(self, tables: Sequence[JobTable]) -> DatabaseAnswer:
        """Return the state of each table, or why it is not known yet.

        An answer that comes too late for this is returned the next time.
        """
        try:
            url = self._url()
            with self._lock:
                if self._question is None:
                    self._question = self._reader.submit(read_states, url, tables)
                question = self._question
            wait([question], _WAIT_SECONDS)
            if not question.done():
                return DatabaseAnswer(problem="The database has not answered yet.")
            with self._lock:
                self._question = None
            return DatabaseAnswer(question.result())
        except JobgenError as error:
            return DatabaseAnswer(problem=error.message, hint=error.hint)

    def insert(self, table: JobTable, values: Mapping[str, str]) -> str:
        """Insert a job, and return its id.

        Raises:
            JobgenError: There is no database, or it refuses the row.
        """
        return insert_job(self._url(), table, values)

    def _url(self) -> str:
        urls = database_urls(self._root)
        if not urls:
            raise _NO_DATABASE
        return urls[0]
