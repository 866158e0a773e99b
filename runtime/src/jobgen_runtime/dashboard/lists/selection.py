"""What a list shows, as its address says: the rows, their order, and the place in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from psycopg import DataError, sql

from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.dashboard.access.redaction import LAST_ERROR
from jobgen_runtime.dashboard.components.html import status_word
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.database.refused_statements import shown_reason
from jobgen_runtime.dashboard.errors.error_filter import ErrorFilter, read_error_filter
from jobgen_runtime.dashboard.lists.filters import (
    FILTER_PREFIX,
    MAX_CHARACTERS,
    TEXTS,
    Filter,
    InvalidFilter,
    Values,
    contains,
    filter_text,
    is_sortable,
    read_filter,
)
from jobgen_runtime.dashboard.web.parameters import Parameters, RequestRefused, uuid
from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.table import quote_name

CURSOR_VALUE = re.compile(r"-?infinity|\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?\+00( BC)?")
AT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?Z?)?")


@dataclass(frozen=True)
class Selection:
    """The rows that a list shows: those that have the status, if any, and match all the rest."""

    status: JobStatus | None = None
    search: str = ""
    filters: tuple[Filter, ...] = ()
    sort: str = ""
    """The column to sort by, with a "-" in front for descending; empty for the list's own order."""

    error: ErrorFilter | None = None
    """The cause that the jobs failed for; None for any, and for jobs that did not fail."""

    @property
    def sort_column(self) -> tuple[str, bool] | None:
        """The column to sort by, and whether descending; None for the list's own order."""
        return (self.sort.removeprefix("-"), self.sort.startswith("-")) if self.sort else None

    @property
    def indexed_filter(self) -> Filter | None:
        """A filter whose rows an index finds; None without one."""
        return next((each for each in self.filters if each.is_indexed), None)

    @property
    def is_narrowed(self) -> bool:
        """Whether it has more than a status."""
        return bool(self.search or self.filters or self.error)

    def address(self, **changes: str | None) -> dict[str, str | None]:
        """Return the parameters of the address that shows it, with changes."""
        parameters: dict[str, str | None] = {
            "status": None if self.status is None else status_word(self.status),
            "q": self.search or None,
            "sort": self.sort or None,
            "error": None if self.error is None else self.error.text,
            **{FILTER_PREFIX + each.column.name: each.text for each in self.filters},
        }
        return parameters | changes

    def condition(self, table: JobTable, values: Values) -> sql.Composable:
        """Return the condition in SQL, with its values added to `values`.

        The status is a literal: only then can the planner prove a partial index's predicate.
        """
        parts: list[sql.Composable] = [sql.SQL("true")]
        if self.status is not None:
            parts.append(sql.SQL("status = {}").format(sql.Literal(self.status.value)))
        parts += [sql.SQL("({})").format(each.condition(values)) for each in self.filters]
        if self.error is not None:
            parts.append(self.error.condition(values))
        if self.search:
            parts.append(_search(table, self.search, values))
        return sql.SQL(" AND ").join(parts)


def _search(table: JobTable, text: str, values: Values) -> sql.Composable:
    """Return the condition that the id, the error, or a text or UUID of the user's has a text."""
    names = ["id"]
    names += [
        each.name
        for each in table.columns
        if (each.name == LAST_ERROR or each.name not in JOB_COLUMNS)
        and each.base in TEXTS | {"uuid"}
        and not each.is_redacted
    ]
    either = [contains(quote_name(name), text, values) for name in names]
    return sql.SQL("({})").format(sql.SQL(" OR ").join(either))


@dataclass(frozen=True)
class Cursor:
    """The place of a row in a list: its value of the column that orders it, and its id."""

    value: str | None
    """None if the list is ordered by id alone."""
    id: UUID

    def __str__(self) -> str:
        return str(self.id) if self.value is None else f"{self.value}~{self.id}"


@dataclass(frozen=True)
class Place:
    """Where in the list a page begins: `page` from 1, or after or before a row, or at a moment."""

    page: int = 1
    after: Cursor | None = None
    before: Cursor | None = None
    at: datetime | None = None


def read_selection(parameters: Parameters, table: JobTable) -> Selection:
    """Return which rows the address asks for.

    Raises:
        RequestRefused: A parameter is unknown or invalid (400).
    """
    word = parameters.get("status", "")
    status = next((each for each in table.statuses if status_word(each) == word), None)
    if word and status is None:
        raise RequestRefused(400, "Unknown job status.")
    search = parameters.get("q", "").strip()
    if len(search) > MAX_CHARACTERS:
        raise RequestRefused(400, f"Search for at most {MAX_CHARACTERS} characters.")
    sort = parameters.get("sort", "")
    sortable = {column.name for column in table.columns if is_sortable(column)}
    if sort and sort.removeprefix("-") not in sortable:
        raise RequestRefused(400, "The list cannot be sorted by this.")
    error = read_error_filter(parameters.get("error", ""))
    return Selection(status, search, _read_filters(parameters, table), sort, error)


def _read_filters(parameters: Mapping[str, str], table: JobTable) -> tuple[Filter, ...]:
    filters = []
    for column in table.columns:
        text = filter_text(parameters, column.name)
        if text:
            if column.is_redacted:
                raise RequestRefused(400, f"{column.label} is redacted: it cannot be searched.")
            try:
                filters.append(read_filter(column, text))
            except InvalidFilter as error:
                raise RequestRefused(400, str(error)) from error
    return tuple(filters)


def list_parameters(parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return those parameters that say which rows a list shows, unchecked."""
    names = ("status", "q", "sort", "error")
    return {
        name: value
        for name, value in parameters.items()
        if name in names or name.startswith(FILTER_PREFIX)
    }


def unsearchable(error: DataError, table: JobTable) -> RequestRefused:
    """Return the answer to a search with a value that the database does not accept."""
    return RequestRefused(400, f"This cannot be searched for: {shown_reason(error, table)}")


def read_place(parameters: Parameters, page: int) -> Place:
    """Return where in the list the address asks to begin; at the page of this number by default.

    Raises:
        RequestRefused: A parameter is invalid (400).
    """
    if parameters.get("at", "").strip():
        return Place(at=parameters.required("at", read_moment))
    if parameters.get("after"):
        return Place(after=parameters.required("after", read_cursor))
    if parameters.get("before"):
        return Place(before=parameters.required("before", read_cursor))
    return Place(page=page)


def read_cursor(text: str) -> Cursor:
    """Read a cursor as an address has it.

    Raises:
        ValueError: It is not one.
    """
    if len(text) > 100:
        raise ValueError(text)
    value, separator, job_id = text.rpartition("~")
    if separator and not CURSOR_VALUE.fullmatch(value):
        raise ValueError(text)
    return Cursor(value if separator else None, uuid(job_id))


def read_moment(text: str) -> datetime:
    """Read a moment in UTC, to the minute or second, or the start of a day.

    Raises:
        ValueError: It is not one.
    """
    if not AT.fullmatch(text.strip()):
        raise ValueError(text)
    return datetime.fromisoformat(text.strip()).replace(tzinfo=UTC)
