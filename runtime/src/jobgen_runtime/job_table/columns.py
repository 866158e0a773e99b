"""The nine columns of every job's table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class JobColumn(NamedTuple):
    """One of the columns that every job's table has.

    `type` is PostgreSQL's own name of the type (`int4`, not `INT`), `definition` what follows the
    column's name in CREATE TABLE.
    """

    name: str
    type: str
    definition: str

    @property
    def is_nullable(self) -> bool:
        """Whether the column accepts NULL."""
        return not self.definition.endswith("NOT NULL")

    @property
    def sql(self) -> str:
        """The column's line in CREATE TABLE, without a comma."""
        return f"{self.name} {self.definition}"


_COLUMNS = (
    JobColumn("id", "uuid", "UUID DEFAULT uuidv7() PRIMARY KEY NOT NULL"),
    JobColumn("created_at", "timestamptz", "TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL"),
    JobColumn("updated_at", "timestamptz", "TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL"),
    JobColumn("status", "job_status", "JOB_STATUS DEFAULT 'job_status_not_started' NOT NULL"),
    JobColumn("last_error", "text", "TEXT DEFAULT NULL"),
    JobColumn("attempts_count", "int4", "INT DEFAULT 0 NOT NULL"),
    JobColumn("locked_at", "timestamptz", "TIMESTAMP WITH TIME ZONE DEFAULT NULL"),
    JobColumn("locked_by", "uuid", "UUID DEFAULT NULL"),
    JobColumn("run_at", "timestamptz", "TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL"),
)

JOB_COLUMNS: Mapping[str, JobColumn] = MappingProxyType({c.name: c for c in _COLUMNS})
"""The columns by name, in the order of the table."""
