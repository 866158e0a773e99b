"""The differences between a database and Schema.sql."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from jobgen.migrate.archive import Key


class Phase(IntEnum):
    """The part of a migration in which a statement runs."""

    RUNTIME = 0
    """The runtime's own schema, as one script in its own transaction."""
    SCHEMA_FILE = 1
    """Schema.sql itself, in its own transaction, where the database is empty."""
    VALUES = 2
    """Enum values, one by one: a value cannot be used in the transaction that adds it."""
    TRANSACTION = 3
    """Everything that can be rolled back, in one transaction."""
    ONLINE = 4
    """Statements that read whole tables, one by one, without blocking writers."""


@dataclass(frozen=True, slots=True)
class Addition:
    """A part of Schema.sql that the database does not have, and that can be added.

    Attributes:
        what: Its name for people.
        sql: The statements that add it, each with its semicolon.
        online: Other statements, for a table with rows, that do not block its writers while they
            read it; () if there are none.
        table: The existing table that it changes, quoted and qualified; "" for none.
        phase: The part of the migration that `sql` runs in.
        scans: Whether `sql` reads the whole table while it blocks writes.
        dump_id: Its entry in the dump of Schema.sql's database.
        dependencies: The entries that it needs there.
    """

    what: str
    sql: tuple[str, ...]
    online: tuple[str, ...] = ()
    table: str = ""
    phase: Phase = Phase.TRANSACTION
    scans: bool = False
    dump_id: int = 0
    dependencies: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """Statements that a migration runs, each with its semicolon.

    Attributes:
        what: What they add, for people.
        phase: The part of the migration that they run in.
        sql: The statements.
        warning: How they block a table with rows, "" if they do not.
    """

    what: str
    phase: Phase
    sql: tuple[str, ...]
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A difference that a person has to decide on.

    Attributes:
        what: The object's name for people.
        reason: Why it is only reported.
        missing: True for a part of Schema.sql, False for one that only the database has.
        is_harmless: Whether the database is as Schema.sql wants it nevertheless.
        current: Its text in the database, "" where it is not there.
        wanted: Its text in Schema.sql's database, "" where it is not there.
        sql: Statements that a person may want to run.
        dependents: The names of the objects in the database that have to be dropped before it can
            be replaced.
    """

    what: str
    reason: str
    missing: bool = True
    is_harmless: bool = False
    current: str = ""
    wanted: str = ""
    sql: tuple[str, ...] = ()
    dependents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences between a database and Schema.sql.

    Attributes:
        additions: The differences that are applied, in this order.
        reports: The differences that are only shown.
        same: What both have, and no piece of that name differs.
    """

    additions: tuple[Addition, ...]
    reports: tuple[Report, ...]
    same: frozenset[Key]

    @property
    def has_other_texts(self) -> bool:
        """Whether an object of the database has another text than in Schema.sql."""
        return any(report.current for report in self.reports)
