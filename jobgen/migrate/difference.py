"""One difference between a database and Schema.sql, with the SQL that removes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from jobgen.migrate.objects import Node


class Phase(IntEnum):
    """The part of a migration in which a statement runs."""

    RUNTIME = 0
    """The runtime's own schema, as one script in its own transaction."""
    VALUES = 1
    """Enum values, one by one: a value cannot be used in the transaction that adds it."""
    TRANSACTION = 2
    """Everything that can be rolled back, in one transaction."""
    ONLINE = 3
    """Statements that read whole tables, one by one, without blocking writers."""


class Rank(IntEnum):
    """The order of differences that do not depend on each other."""

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
    """An object that Schema.sql has and the database does not, and that can be added.

    Attributes:
        what: Its name for people.
        sql: The statements that add it, without semicolons.
        rank: Its place among differences that do not depend on each other.
        phase: The earliest part of the migration that it can run in.
        nodes: The objects that it creates, as Schema.sql's database knows them.
        needs: Objects that have to exist first, besides those that `nodes` depend on.
        table: The table that it belongs to.
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

    Attributes:
        what: The object's name for people.
        reason: Why it is only reported.
        sql: The statements that would remove the difference, without semicolons.
        missing: True for an object of Schema.sql, False for one that only the database has.
        nodes: The objects of Schema.sql's database that stay missing.
        table: The table that it belongs to.
    """

    what: str
    reason: str
    sql: tuple[str, ...]
    missing: bool
    nodes: tuple[Node, ...] = ()
    table: str | None = None
