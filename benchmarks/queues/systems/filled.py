"""What of a system is SQL alone: how its tables are filled, and what in them is not done."""

from __future__ import annotations

from pathlib import Path

from benchmarks.queues.system import Connection

_SQL = Path(__file__).parent / "sql"


class Filled:
    """The statements of a system stand in `sql/FOLDER/`, one a file."""

    name: str
    folder: str | None = None
    """Where it is not the system's name."""
    settings: str
    keeps_finished: bool = True
    table_per_kind: bool = False
    insert_sql: str | None = None

    def fill(self, conn: Connection, jobs: int) -> None:
        conn.execute(self.statement("fill"), {"jobs": jobs})

    def fill_finished(self, conn: Connection, jobs: int) -> None:
        conn.execute(self.statement("fill_finished"), {"jobs": jobs})

    def unfinished(self, conn: Connection) -> int:
        row = conn.execute(self.statement("unfinished")).fetchone()
        assert row is not None
        return int(row[0])

    def statement(self, name: str) -> bytes:
        """One of its statements."""
        return Path(_SQL, self.folder or self.name, f"{name}.sql").read_bytes()
