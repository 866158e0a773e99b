"""`UniqueIndex`: a unique index of a job table, as the generated records describe it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from psycopg import sql

from jobgen_runtime.contract.states import JobStatus


@dataclass(frozen=True)
class UniqueIndex:
    """A unique index of a job table whose only condition is about the job's status.

    Attributes:
        name: The index's name.
        columns: Its columns, in order.
        statuses: The statuses in which it counts a job; None for all.
    """

    name: str
    columns: tuple[str, ...] = field(kw_only=True)
    statuses: tuple[str, ...] | None = field(default=None, kw_only=True)

    @property
    def counts_running(self) -> bool:
        """Whether a running job does not allow a duplicate."""
        return self.statuses is None or JobStatus.RUNNING.value in self.statuses

    @cached_property
    def on_conflict(self) -> bytes:
        """Return the clause of an INSERT that skips duplicates; for numbered placeholders."""
        columns = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        condition = f" WHERE {self.status_condition}" if self.statuses else ""
        clause = sql.SQL(" ON CONFLICT ({}){} DO NOTHING").format(columns, sql.SQL(condition))
        return clause.as_bytes(None)

    @cached_property
    def status_condition(self) -> str:
        """Return the condition that the index counts a job."""
        if self.statuses is None:
            return "TRUE"
        literals = sql.SQL(", ").join(map(sql.Literal, self.statuses))
        return sql.SQL("status IN ({})").format(literals).as_string(None)
