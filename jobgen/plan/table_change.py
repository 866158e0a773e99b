"""A change of a table's definition, as a migration of Alembic or Django makes and reverses it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from jobgen.schema.script.script import split_statements


@dataclass(frozen=True, slots=True)
class TableChange:
    """A change of one table.

    Attributes:
        summary: What it does: `create play_jobs`.
        table: The table, not quoted.
        path: The job's module, whose folder may be that of a Django app; None for no job.
        upgrade: The statements, without semicolons.
        downgrade: Those that reverse them; () if they are not known.
        references: The tables that its new columns refer to.
        is_transaction: Whether the statements can be run in one transaction.
    """

    summary: str
    table: str
    path: PurePosixPath | None
    upgrade: tuple[str, ...]
    downgrade: tuple[str, ...]
    references: tuple[str, ...] = ()
    is_transaction: bool = True

    @property
    def name(self) -> str:
        """The summary as part of a file's name: `create_play_jobs`."""
        return re.sub(r"\W+", "_", self.summary)


@dataclass(frozen=True, slots=True)
class MigrationFiles:
    """The files that make a change.

    Attributes:
        files: The contents of each new file.
        steps: What is left to the user, in order: how the migrations are applied.
        previous: The migration that they follow: the identifier of Alembic's revision, or the app
            and the name of Django's; () for none.
    """

    files: dict[PurePosixPath, bytes]
    steps: tuple[str, ...]
    previous: tuple[str, ...] = ()


WriteMigration = Callable[[Sequence[TableChange]], MigrationFiles]
"""Returns the files of changes, each after the one before.

It raises JobgenError if the migrations cannot be read, or a new one cannot follow them.
"""


def sql_statements(text: str) -> tuple[str, ...]:
    """Return the statements of SQL text, each with the comments before it.

    Settings of the search_path are left out: they would last for the migrations that follow.
    """
    found: list[str] = []
    start = 0
    for statement in split_statements(text):
        end = statement.offset + len(statement.text)
        if not statement.words.startswith("set search_path"):
            found.append(text[start:end].lstrip("; \t\n"))
        start = end
    return tuple(found)
