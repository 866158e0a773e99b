"""Choose how a list is read, at a cost that does not grow with its table. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg import sql

from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.control.kinds import FIRST_ROWS
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.lists.counts import Summary
from jobgen_runtime.dashboard.lists.filters import Values
from jobgen_runtime.dashboard.lists.selection import Cursor, Selection
from jobgen_runtime.table import quote_name

SEARCHED_ROWS = 10_000
"""Rows read for one page of a search in a large table: comparing texts costs more than an index."""

BY_INDEX: dict[JobStatus | None, tuple[LiteralString, LiteralString]] = {
    JobStatus.NOT_STARTED: (
        "status IN ('job_status_not_started', 'job_status_retry')",
        "run_at, id",
    ),
    JobStatus.RUNNING: ("status = 'job_status_running'", "locked_by"),
    JobStatus.FAILED: ("status IN ('job_status_failed', 'job_status_timed_out')", "id"),
}
BY_INDEX[JobStatus.RETRY] = BY_INDEX[JobStatus.NOT_STARTED]
BY_INDEX[JobStatus.TIMED_OUT] = BY_INDEX[JobStatus.FAILED]
"""The predicate and the order of the partial index that has the jobs with a status. The predicate
is repeated literally: the planner finds an index by nothing else."""


@dataclass(frozen=True)
class Order:
    """How a list is read: at most `scanned` rows of `source`, then ordered by a column and the id.

    If `is_resumable`, rows are read in the list's order, so that reading can begin after any row.
    Else those read are sorted, and pages have numbers.
    """

    column: str
    descending: bool
    source: sql.Composable
    is_resumable: bool
    index_order: LiteralString = ""
    scanned: int = FIRST_ROWS

    def by(self, *, reverse: bool = False) -> sql.Composable:
        """Return the ORDER BY clause of the list, forwards or backwards.

        The names are qualified: alone, they would mean a column of the result, which is text.
        """
        direction = sql.SQL("DESC" if self.descending is not reverse else "ASC")
        if self.column == "id":
            return sql.SQL("ORDER BY job.id {}").format(direction)
        nulls = sql.SQL("" if self.is_resumable else " NULLS LAST")
        return sql.SQL("ORDER BY job.{} {}{}, job.id {}").format(
            quote_name(self.column), direction, nulls, direction
        )

    def scan(self, *, reverse: bool = False) -> sql.Composable:
        """Return the ORDER BY clause that the source is read in; empty for any order."""
        if self.is_resumable:
            return self.by(reverse=reverse)
        return sql.SQL("ORDER BY " + self.index_order if self.index_order else "")

    def beyond(self, cursor: Cursor, values: Values, *, reverse: bool = False) -> sql.Composable:
        """Return the condition that a row comes after the cursor, or before it if `reverse`."""
        sign = sql.SQL("<" if self.descending is not reverse else ">")
        if self.column == "id":
            return sql.SQL("id {} {}").format(sign, values.add(cursor.id))
        return sql.SQL("({}, id) {} ({}::timestamptz, {}::uuid)").format(
            quote_name(self.column), sign, values.add(cursor.value), values.add(cursor.id)
        )

    def beyond_source(
        self, cursor: Cursor, values: Values, *, reverse: bool = False
    ) -> sql.Composable:
        """Return the source without the rows up to the cursor."""
        beyond = self.beyond(cursor, values, reverse=reverse)
        return sql.SQL("{} AND {}").format(self.source, beyond)

    def cursor_value(self) -> sql.Composable:
        """Return a row's value for its cursor in SQL; NULL if that is the id alone."""
        if self.column == "id" or not self.is_resumable:
            return sql.SQL("NULL::text")
        return sql.SQL("{}::text").format(quote_name(self.column))

    def fits(self, cursor: Cursor) -> bool:
        """Return whether the cursor is of a list in this order: a table may have grown since."""
        return self.is_resumable and (cursor.value is None) == (self.column == "id")

    def cursor_at(self, moment: datetime) -> Cursor:
        """Return the cursor just before the first row at or beyond a moment."""
        lowest, highest = UUID(int=0), UUID(int=2**128 - 1)
        if self.column == "id":
            milliseconds = max(int(moment.timestamp() * 1000), 0)
            return Cursor(None, UUID(int=milliseconds << 80 | 2**80 - 1))
        return Cursor(f"{moment:%Y-%m-%d %H:%M:%S}+00", highest if self.descending else lowest)


def can_sort(summary: Summary, selection: Selection) -> bool:
    """Return whether few rows have to be read to sort a list.

    They are few in a small table, with a status of which there are few jobs, where an index on a
    filtered column finds them, or with one cause of failures.
    """
    is_few = selection.status in BY_INDEX and summary.is_known(selection.status)
    is_found = selection.indexed_filter is not None or selection.error is not None
    return summary.is_exact or is_few or is_found


def choose_order(table: JobTable, summary: Summary, selection: Selection, values: Values) -> Order:
    """Return how to read a list: sorted as asked if that is cheap, else in the order of an index.

    The values of conditions are added to `values`.
    """
    predicate, index_order = BY_INDEX.get(selection.status, ("true", ""))
    source: sql.Composable = sql.SQL(predicate)
    if selection.error is not None:
        source = selection.error.condition(values)
        column, descending = selection.sort_column or ("id", True)
        return Order(column, descending, source, is_resumable=not selection.sort)
    if selection.indexed_filter and not summary.is_exact:
        source, index_order = selection.indexed_filter.condition(values), ""
        column, descending = selection.sort_column or ("created_at", True)
    elif selection.sort_column and can_sort(summary, selection):
        column, descending = selection.sort_column
    else:
        return _own_order(table, summary, selection)
    return Order(column, descending, source, is_resumable=False, index_order=index_order)


def _own_order(table: JobTable, summary: Summary, selection: Selection) -> Order:
    """Return the order of the index that finds the jobs with a status, or by creation."""
    status = selection.status
    predicate, index_order = BY_INDEX.get(status, ("true", ""))
    source = sql.SQL(predicate)
    scanned = SEARCHED_ROWS if selection.search else FIRST_ROWS
    if status in {JobStatus.NOT_STARTED, JobStatus.RETRY}:
        return Order("run_at", False, source, is_resumable=True, scanned=scanned)
    if status is JobStatus.RUNNING:
        return Order("locked_at", False, source, is_resumable=False, index_order=index_order)
    if summary.is_exact or (table.has_creation_index and status not in BY_INDEX):
        return Order("created_at", True, source, is_resumable=True, scanned=scanned)
    if status in BY_INDEX and not table.id_is_ordered and summary.is_known(status):
        return Order("created_at", True, source, is_resumable=False, index_order=index_order)
    return Order("id", True, source, is_resumable=True, scanned=scanned)


def source_by_index(
    summary: Summary, selection: Selection, values: Values
) -> sql.Composable | None:
    """Return the condition whose rows an index finds, though not in the order of a list.

    None if there is no such condition, or if the table is small. The values of the condition are
    added to `values`.
    """
    if summary.is_exact:
        return None
    if selection.error is not None:
        return selection.error.condition(values)
    if selection.indexed_filter is not None:
        return selection.indexed_filter.condition(values)
    if selection.status is JobStatus.RUNNING:
        return sql.SQL(BY_INDEX[JobStatus.RUNNING][0])
    return None


def id_order(selection: Selection, source: sql.Composable) -> Order:
    """Return the order by id of the rows of a source, which are all read and then sorted."""
    index_order: LiteralString = ""
    if selection.indexed_filter is None and selection.error is None:
        index_order = BY_INDEX.get(selection.status, ("", ""))[1]
    return Order("id", True, source, is_resumable=False, index_order=index_order)


def resumable_order(summary: Summary, selection: Selection) -> Order:
    """Return an order in which all jobs of a selection can be read, beginning at any of them."""
    scanned = SEARCHED_ROWS if selection.search else FIRST_ROWS
    status = selection.status
    if summary.is_exact or status is JobStatus.RUNNING:
        return Order("id", True, sql.SQL("true"), is_resumable=True, scanned=scanned)
    source = sql.SQL(BY_INDEX.get(status, ("true", ""))[0])
    if status in {JobStatus.NOT_STARTED, JobStatus.RETRY}:
        return Order("run_at", False, source, is_resumable=True, scanned=scanned)
    return Order("id", True, source, is_resumable=True, scanned=scanned)


def describe(order: Order, table: JobTable) -> str:
    """Return the order of a list in words."""
    match order.column:
        case "created_at":
            return "newest first" if order.descending else "oldest first"
        case "id" if table.id_is_ordered:
            return "newest first" if order.descending else "oldest first"
        case "run_at" if not order.descending:
            return "next due first"
        case "locked_at" if not order.descending:
            return "longest running first"
    label = next(column.label for column in table.columns if column.name == order.column)
    return f"by {label}, {'descending' if order.descending else 'ascending'}"
