"""Discover the job tables and their columns."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypedDict

from psycopg import AsyncConnection, sql
from psycopg.rows import class_row, scalar_row

from jobgen_runtime.contract.states import JobStatus, read_status
from jobgen_runtime.dashboard.access.redaction import DEFAULT_REDACTION, Redaction
from jobgen_runtime.dashboard.components.html import STATUS_LABELS, column_name_to_field_label
from jobgen_runtime.dashboard.database.statements import statement
from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.job_table.reports import FAILED_ERROR
from jobgen_runtime.table import Table, quote_name


@dataclass(frozen=True)
class Column:
    """A column of a job table."""

    name: str
    type: str
    """The type as SQL writes it: "numeric(10,2)"."""
    base: str
    """The type's name in the catalog: "numeric". For a domain, that of its base type."""
    required: bool
    """Whether an INSERT must give it a value."""
    writable: bool
    """Whether an INSERT may give it a value."""
    references: str | None
    """The table that a foreign key references; None without one."""
    labels: tuple[str, ...]
    """The values of an enum; empty for other types."""
    is_redacted: bool = False
    """Whether pages do not show its values, which may be secret."""
    indexed: bool = False
    """Whether an index over all rows leads with it."""

    @property
    def is_error(self) -> bool:
        """Whether it has the error of another job."""
        return self.name == FAILED_ERROR

    @property
    def label(self) -> str:
        """The name for people: "Run at"; "Band" for a reference called band_id."""
        is_key = self.references is not None and len(self.name) > len("_id")
        return column_name_to_field_label(self.name.removesuffix("_id") if is_key else self.name)


@dataclass(frozen=True)
class JobTable:
    """A job table as the catalogs describe it."""

    schema: str
    name: str
    visible: bool
    """Whether the connection's search_path finds it without its schema."""
    estimated_rows: float
    id_is_ordered: bool
    """Whether ids grow with time, because their default is uuidv7()."""
    columns: tuple[Column, ...]
    redaction: Redaction = DEFAULT_REDACTION
    """What pages do not show of this table, and of those that it references."""

    def __hash__(self) -> int:
        """Return the hash of the name: pages look up what they have read of many tables."""
        return hash((self.schema, self.name))

    @property
    def has_creation_index(self) -> bool:
        """Whether an index over all rows leads with created_at."""
        return next(column.indexed for column in self.columns if column.name == "created_at")

    @property
    def key(self) -> str:
        """The name in addresses, with the schema where it is needed."""
        return self.name if self.visible else f"{self.schema}.{self.name}"

    @property
    def identifier(self) -> sql.Identifier:
        """The name for statements that are run with parameters."""
        return quote_name(self.schema, self.name)

    @property
    def record_table(self) -> Table:
        """The table as `jobgen_runtime.control` needs it."""
        return Table(self.name, schema=self.schema, columns=tuple(JOB_COLUMNS))

    @property
    def regclass(self) -> str:
        """The name as a value that PostgreSQL accepts as a regclass."""
        return sql.Identifier(self.schema, self.name).as_string(None)

    @property
    def title(self) -> str:
        """The name for people: "Email customers"."""
        return column_name_to_field_label(self.name.removesuffix("_jobs"))

    @property
    def statuses(self) -> tuple[JobStatus, ...]:
        """The statuses of the database's enum: first those that this version knows, in order."""
        column = next(column for column in self.columns if column.name == "status")
        others = (read_status(label) for label in column.labels)
        return (*STATUS_LABELS, *(status for status in others if status not in STATUS_LABELS))

    def redact(self, text: str) -> str:
        """Return what the database says about the table, without secrets."""
        return self.redaction.redact(self.name, text)

    def redact_error(self, error: str) -> str:
        """Return the error of one of the jobs as pages show it."""
        return self.redaction.redact_error(self.name, error)

    @property
    def own_columns(self) -> tuple[Column, ...]:
        """The user's columns: all but those that every job table has."""
        return tuple(column for column in self.columns if column.name not in JOB_COLUMNS)


class _Found(TypedDict):
    name: str
    type: str
    base: str
    required: bool
    writable: bool
    references: str | None
    labels: list[str] | None
    indexed: bool


@dataclass
class _Row:
    schema: str
    name: str
    visible: bool
    estimated_rows: float
    id_is_ordered: bool
    columns: str
    """A list of `_Found` as JSON."""


async def discover(
    conn: AsyncConnection[Any],
    listed: Collection[tuple[str, str]] = (),
    redaction: Redaction = DEFAULT_REDACTION,
    key: str | None = None,
) -> dict[str, JobTable]:
    """Return the job tables by key: those on the search_path, and `listed` (schema, name).

    Args:
        conn: The connection to find them with.
        listed: Tables to find wherever they are.
        redaction: Which columns are redacted.
        key: The key of the only table to look for; None for all tables.
    """
    async with conn.cursor(row_factory=class_row(_Row)) as cursor:
        await cursor.execute(_of_candidates("discover_tables"), _parameters(listed, key))
        tables = [_table(row, redaction) for row in await cursor.fetchall()]
    return {table.key: table for table in tables if key in {None, table.key}}


async def read_catalog_state(
    conn: AsyncConnection[Any], listed: Collection[tuple[str, str]] = ()
) -> int:
    """Return a number that changes with most of what `discover` would return, for much less work.

    An enum's values, foreign keys, indexes and estimates may change without it.
    """
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(_of_candidates("catalog_state"), _parameters(listed, None))
        return int((await cursor.fetchall())[0])


def _of_candidates(name: str) -> sql.Composed:
    return statement(name).format(candidates=statement("candidate_tables"))


def _parameters(listed: Collection[tuple[str, str]], key: str | None) -> dict[str, object]:
    return {
        "key": key,
        "schemas": [schema for schema, _ in listed],
        "names": [name for _, name in listed],
    }


def _table(row: _Row, redaction: Redaction) -> JobTable:
    return JobTable(
        row.schema,
        row.name,
        row.visible,
        row.estimated_rows,
        row.id_is_ordered,
        _columns(row.name, row.columns, redaction),
        redaction,
    )


@lru_cache(maxsize=1024)
def _columns(table: str, description: str, redaction: Redaction) -> tuple[Column, ...]:
    """Return the columns of a table. Few change between requests, and reading them takes time."""
    found: list[_Found] = json.loads(description)
    return tuple(
        Column(
            name=each["name"],
            type=each["type"],
            base=each["base"],
            required=each["required"],
            writable=each["writable"],
            references=each["references"],
            labels=tuple(each["labels"] or ()),
            is_redacted=redaction.applies(table, each["name"], each["base"]),
            indexed=each["indexed"],
        )
        for each in found
    )
