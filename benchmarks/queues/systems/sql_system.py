"""The part of a system that is plain SQL: filling its tables and counting unfinished jobs."""

from __future__ import annotations

from pathlib import Path

from benchmarks.queues.system import Connection

_SQL = Path(__file__).parent / "sql"


class SqlSystem:
    """A system whose statements are in `sql/FOLDER/`, one per file."""

    name: str
    folder: str | None = None
    """The folder, if it is not named like the system."""
    settings: str
    keeps_finished: bool = True
    table_per_kind: bool = False
    insert_sql: str | None = None

    def fill(self, conn: Connection, jobs: int) -> None:
        """Insert jobs numbered from 0, as the system's client would leave them."""
        conn.execute(self.statement("fill"), {"jobs": jobs})

    def fill_finished(self, conn: Connection, jobs: int) -> None:
        """Insert finished jobs, as the system's worker would leave them."""
        conn.execute(self.statement("fill_finished"), {"jobs": jobs})

    def unfinished(self, conn: Connection) -> int:
        """Return the number of jobs that are not finished."""
        row = conn.execute(self.statement("unfinished")).fetchone()
        assert row is not None
        return int(row[0])

    def statement(self, name: str) -> bytes:
        """Return one of the statements."""
        return Path(_SQL, self.folder or self.name, f"{name}.sql").read_bytes()
