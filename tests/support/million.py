"""Tables of a million jobs, and what the worker's statements read of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
from jobgen_runtime import JobRecord, Table
from jobgen_runtime.table import compose
from psycopg import sql

from tests.support.schema import job_block

COLUMNS = tuple(JobRecord.__annotations__)
WORKER = uuid4()
START = {
    "after_run_at": "-infinity",
    "after_id": UUID(int=0),
    "worker": WORKER,
    "max_bytes": 64_000_000,
}


@dataclass(frozen=True)
class Read:
    """The rows that a statement read of the job table, the pages, and the indexes it used."""

    rows: float
    pages: int
    indexes: frozenset[str]


class Million:
    """A table of a million jobs, and the worker's statements on it."""

    def __init__(
        self, conn: psycopg.Connection[Any], name: str, *, has_priority: bool = False
    ) -> None:
        self.conn = conn
        self.name = name
        columns = (*COLUMNS, "priority") if has_priority else COLUMNS
        self._table = Table(name, columns=columns, key=("id",), has_priority=has_priority)

    def claim(self, jobs: int) -> dict[str, Any]:
        """Claim jobs as a worker does; return the parameters of the statements that follow."""
        claim = compose(self._table, "claim")
        rows = self.conn.execute(claim, {"limit": jobs, **START}).fetchall()
        assert len(rows) == jobs
        return {
            "worker": WORKER,
            "ids": [row[0] for row in rows],
            "locked_at": [row[2] for row in rows if row[2]],
            "errors": ["an error"] * jobs,
            "delays": ["1 minute"] * jobs,
            "are_suspects": [False] * jobs,
            "suspects": [],
        }

    def read(self, name: str, known: dict[str, Any], **more: sql.Composable) -> Read:
        """Run a statement of the worker as a prepared one, and return what it reads."""
        text = compose(self._table, name, **more).as_string(self.conn)
        names: list[str] = []

        def number(match: re.Match[str]) -> str:
            if match[1] not in names:
                names.append(match[1])
            return f"${names.index(match[1]) + 1}"

        text = re.sub(r"%\((\w+)\)s", number, text)
        values = sql.SQL(", ").join(sql.Literal(known[each]) for each in names)
        arguments = sql.SQL("({})").format(values) if names else sql.SQL("")
        self.conn.execute(f"PREPARE statement AS {text}".encode())
        try:
            explain = sql.SQL(
                "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE statement"
            )
            row = self.conn.execute(explain + arguments).fetchone()
        finally:
            self.conn.execute("DEALLOCATE statement")
        assert row is not None
        plan = row[0][0]["Plan"]
        scans = [node for node in _scans(plan) if node.get("Relation Name") == self.name]
        assert "Seq Scan" not in {node["Node Type"] for node in scans}, plan
        return Read(
            sum(_rows(node) for node in scans),
            plan["Shared Hit Blocks"] + plan["Shared Read Blocks"],
            frozenset(node["Index Name"].removeprefix(f"{self.name}_") for node in scans),
        )


def _scans(node: Any) -> Iterator[Any]:
    for child in node.get("Plans", ()):
        yield from _scans(child)
    if "Scan" in node["Node Type"]:
        yield node


def _rows(node: Any) -> float:
    passed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return float((node["Actual Rows"] + passed) * node["Actual Loops"])


def create_table(conn: psycopg.Connection[Any], kind: str, rows: str, *columns: str) -> None:
    """Create the table of a generated job, with its indexes after its rows, which is faster."""
    table, index, indexes = job_block(kind, *columns).partition("CREATE INDEX")
    conn.execute(table.replace("CREATE TABLE", "CREATE UNLOGGED TABLE").encode())
    # The tests decide when the table is analyzed, not autovacuum.
    conn.execute(f"ALTER TABLE {kind.lower()}_jobs SET (autovacuum_enabled = off)".encode())
    conn.execute(rows.encode())
    conn.execute((index + indexes).encode())
