"""What a kind of job writes together with the end of an attempt, in the same statement.

A kind with `on_failed` inserts a job that reports the failure, a kind with `keep_attempts` a row of
`job_attempts`. Both are parts of the statement that ends the attempt: so they are written exactly
once, or not at all. The statements of other kinds have no such parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from jobgen_runtime.job import Job
from jobgen_runtime.job_table.reports import FAILED_ERROR, FAILED_ID, FAILED_TABLE
from jobgen_runtime.record.reports import reporting_table
from jobgen_runtime.table import Table, compose, quote_name, quote_text

_COMPLETIONS = frozenset({"succeed", "fail", "retry", "snooze", "release", "write_endings"})
_WITH_ERROR = sql.SQL(", job.last_error")
_OF_DEAD_WORKER = sql.SQL(
    ", job.attempts_count, job.last_error, orphan.locked_at AS started_at,"
    " orphan.locked_by AS worker_id, orphan.cancelled"
)
_OF_REFUSED = sql.SQL(", job.attempts_count, job.last_error")


@dataclass(frozen=True, slots=True)
class Endings:
    """What is written together with the ends of one kind of job.

    Attributes:
        report: The table of the jobs that report a failure; None if failures are not reported.
        keeps_attempts: Whether each attempt is recorded.
    """

    report: Table | None = None
    keeps_attempts: bool = False

    @classmethod
    def of(cls, job: type[Job[Any]]) -> Endings:
        """Return what is written together with the ends of jobs of a class."""
        return cls(reporting_table(job), job.keep_attempts)

    def __bool__(self) -> bool:
        return self.report is not None or self.keeps_attempts

    def parts(self, table: Table, name: str) -> Mapping[str, sql.Composable]:
        """Return what fills the statement `name`; nothing if that ends no attempt."""
        if name in _COMPLETIONS:
            record = self._record(table, "record_attempts")
            unreported = sql.SQL("ended_job.id <> ALL (%(unreported)s::UUID[])")
            may_fail = name in {"fail", "write_endings"}
            report = self._report(table, "ended_job", unreported) if may_fail else []
            return _filled([*record, *report], columns=_WITH_ERROR if report else None)
        if name == "rescue":
            parts = [
                *self._record(table, "record_rescued_attempts"),
                *self._report(table, "rescued", sql.SQL("NOT rescued.cancelled")),
            ]
            return _filled(parts, columns=_OF_DEAD_WORKER if parts else None)
        if name == "settle_refused":
            record = self._record(table, "record_refused_attempt")
            parts = [*record, *self._report(table, "settled", sql.SQL("TRUE"))]
            held = sql.SQL("held AS MATERIALIZED (\n{}\n), ").format(compose(table, "read_claim"))
            more = {"held_job": held} if record else {}
            return {**_filled(parts, columns=_OF_REFUSED if parts else None), **more}
        if name == "delete_expired" and self.keeps_attempts:
            return _filled([_part("forgotten", compose(table, "delete_attempts"))], columns=None)
        return {}

    def _record(self, table: Table, name: str) -> list[sql.Composed]:
        return [_part("recorded", compose(table, name))] if self.keeps_attempts else []

    def _report(self, table: Table, ended: str, condition: sql.SQL) -> list[sql.Composed]:
        if self.report is None:
            return []
        values: dict[str, sql.Composable] = {
            FAILED_TABLE: quote_text(table.qualified_name),
            FAILED_ID: sql.SQL(f"{ended}.id"),
        }
        if FAILED_ERROR in self.report.columns:
            values[FAILED_ERROR] = sql.SQL(f"{ended}.last_error")
        insert = compose(
            table,
            "report_failures",
            report_table=self.report.quoted_name,
            report_columns=sql.SQL(", ").join(map(quote_name, values)),
            report_values=sql.SQL(", ").join(values.values()),
            ended=sql.SQL(ended),
            is_reported=condition,
        )
        return [_part("reported", insert)]


NO_ENDINGS = Endings()


def _part(name: str, statement: sql.Composed) -> sql.Composed:
    return sql.SQL(f", {name} AS (\n{{}}\n)").format(statement)


def _filled(parts: list[sql.Composed], *, columns: sql.SQL | None) -> Mapping[str, sql.Composable]:
    more = {"more_columns": columns} if columns is not None else {}
    return {**more, "more_parts": sql.Composed(parts)}
