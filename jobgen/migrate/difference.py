"""One difference between a database and Schema.sql, with the SQL that makes it go."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from jobgen.migrate.catalog import Node


class Phase(IntEnum):
    """When a statement runs."""

    RUNTIME = 0
    """The runtime's own schema, as one script in a transaction of its own."""
    VALUES = 1
    """Enum values, each by itself: one cannot be used in the transaction that adds it."""
    TRANSACTION = 2
    """All that can be undone, in one transaction."""
    ONLINE = 3
    """What reads whole tables, each by itself after the rest, without blocking writers."""


class Rank(IntEnum):
    """The order of what does not depend on one another."""

    EXTENSION = 0
    SCHEMA = 1
    TYPE = 2
    SEQUENCE = 3
    TABLE = 4
    COLUMN = 5
    OWNER = 6
    FUNCTION = 7
    INDEX = 8
    CONSTRAINT = 9
    VALIDATION = 10
    VIEW = 11
    TRIGGER = 12
    POLICY = 13


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that Schema.sql has and the database lacks, and can be added.

    `what` names it for people; `sql` are statements without their semicolons. `nodes` are
    what it makes, in Schema.sql's catalog; `needs` what it needs beside what those need.
    """

    what: str
    sql: tuple[str, ...]
    rank: Rank
    phase: Phase = Phase.TRANSACTION
    nodes: tuple[Node, ...] = ()
    needs: tuple[Node, ...] = ()
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A difference that a person has to decide on: its SQL is shown and never run.

    `missing` tells what the application may need from what is merely left over; `nodes`
    are those of Schema.sql's catalog that therefore stay missing.
    """

    what: str
    reason: str
    sql: tuple[str, ...]
    missing: bool
    nodes: tuple[Node, ...] = ()
    table: str | None = None
