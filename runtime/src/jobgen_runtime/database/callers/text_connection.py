"""Run statements as text through the library that a connection belongs to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from psycopg import Error
from psycopg.errors import (
    AmbiguousColumn,
    FeatureNotSupported,
    UndefinedColumn,
    UndefinedTable,
)
from psycopg.rows import BaseRowFactory, tuple_row

from jobgen_runtime.database.callers.literals import as_text
from jobgen_runtime.database.callers.text_statements import (
    is_about_columns,
    load_rows,
    query_mismatch,
    returning_text,
)
from jobgen_runtime.database.missing_objects import missing_object
from jobgen_runtime.database.statement import CheckCount, Statement

T = TypeVar("T")

_BEGIN = ("SAVEPOINT jobgen", "BEGIN")
_COMMIT = ("RELEASE SAVEPOINT jobgen", "COMMIT")
_ROLLBACK = ("ROLLBACK TO SAVEPOINT jobgen", "ROLLBACK")
"""The statements of a block that is undone at an error: inside a transaction, and in autocommit."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement has returned, and how many rows it has changed."""

    rows: Sequence[Sequence[Any]]
    count: int


class TextConnection(ABC):
    """A connection of a library that is not psycopg 3.

    Attributes:
        is_autocommit: Whether each statement commits by itself.
        zone: The session's time zone.
    """

    is_autocommit: bool
    zone: tzinfo

    @abstractmethod
    def send(self, text: str) -> Answer:
        """Run a statement without parameters.

        Raises:
            psycopg.Error: The database has refused it.
        """

    def fetch_rows(
        self, statements: Sequence[Statement], rows: BaseRowFactory[T], check: CheckCount | None
    ) -> list[T]:
        """Run the statements; as `jobgen_runtime.database.fetch_rows`."""
        found: list[T] = []
        is_block = self.is_autocommit and (len(statements) > 1 or check is not None)
        with self.savepoint() if is_block else nullcontext():
            for statement in statements:
                with _explaining(statement):
                    answer = self.send(_text(statement))
                found += _loaded(statement, answer, rows, self.zone)
            if check is not None:
                check(len(found))
        return found

    def execute(self, statements: Sequence[Statement]) -> int:
        """Run the statements; as `jobgen_runtime.database.execute`."""
        is_block = self.is_autocommit and len(statements) > 1
        changed = 0
        with self.savepoint() if is_block else nullcontext():
            for statement in statements:
                with _explaining(statement):
                    changed += self.send(as_text(statement)).count
        return changed

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo the block's statements at an error; never commit the caller's transaction."""
        self.send(_BEGIN[self.is_autocommit])
        try:
            yield
        except BaseException:
            # A connection that is lost has nothing to roll back: the first error says why.
            with suppress(Error):
                self.send(_ROLLBACK[self.is_autocommit])
                if not self.is_autocommit:
                    self.send(_COMMIT[self.is_autocommit])
            raise
        self.send(_COMMIT[self.is_autocommit])


class AsyncTextConnection(ABC):
    """A connection of a library that is not psycopg 3; the asynchronous `TextConnection`."""

    is_autocommit: bool
    zone: tzinfo

    @abstractmethod
    async def send(self, text: str) -> Answer:
        """Run a statement without parameters.

        Raises:
            psycopg.Error: The database has refused it.
        """

    async def fetch_rows(
        self, statements: Sequence[Statement], rows: BaseRowFactory[T], check: CheckCount | None
    ) -> list[T]:
        """Run the statements; as `jobgen_runtime.database.fetch_rows`."""
        found: list[T] = []
        is_block = self.is_autocommit and (len(statements) > 1 or check is not None)
        async with self.savepoint() if is_block else nullcontext():
            for statement in statements:
                with _explaining(statement):
                    answer = await self.send(_text(statement))
                found += _loaded(statement, answer, rows, self.zone)
            if check is not None:
                check(len(found))
        return found

    async def execute(self, statements: Sequence[Statement]) -> int:
        """Run the statements; as `jobgen_runtime.database.execute`."""
        is_block = self.is_autocommit and len(statements) > 1
        changed = 0
        async with self.savepoint() if is_block else nullcontext():
            for statement in statements:
                with _explaining(statement):
                    changed += (await self.send(as_text(statement))).count
        return changed

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo the block's statements at an error; never commit the caller's transaction."""
        await self.send(_BEGIN[self.is_autocommit])
        try:
            yield
        except BaseException:
            with suppress(Error):
                await self.send(_ROLLBACK[self.is_autocommit])
                if not self.is_autocommit:
                    await self.send(_COMMIT[self.is_autocommit])
            raise
        await self.send(_COMMIT[self.is_autocommit])


def session_zone(name: object) -> tzinfo:
    """Return the time zone with the name that a server has reported; UTC if it is not known."""
    try:
        return UTC if name in (None, "UTC") else ZoneInfo(str(name))
    except (KeyError, OSError, ValueError):
        return UTC


def _text(statement: Statement) -> str:
    return as_text(statement) if statement.columns is None else returning_text(statement)


@contextmanager
def _explaining(statement: Statement) -> Iterator[None]:
    """Say what to do about a table or a column that is missing.

    Raises:
        MissingTable, MissingColumn: The database does not have it.
        QueryMismatch: The result of a user's query does not have it, or has it more than once.
    """
    try:
        yield
    except (AmbiguousColumn, UndefinedColumn, UndefinedTable) as error:
        if is_about_columns(error, statement):
            raise query_mismatch(error, statement) from None
        raise missing_object(error, is_users_query=statement.is_users_query) from None
    except FeatureNotSupported as error:
        if statement.is_users_query:
            error.add_note(
                "Over this driver, the query is put into a WITH clause, where it cannot begin with "
                "a WITH that changes rows. psycopg 3 runs it as it is."
            )
        raise


def _loaded(statement: Statement, answer: Answer, rows: BaseRowFactory[T], zone: tzinfo) -> list[T]:
    if statement.columns is not None:
        return load_rows(statement, answer.rows, rows, zone)
    if rows is not tuple_row:
        raise TypeError(
            "This function reads what only psycopg 3 loads as it needs it. Pass a connection of"
            " psycopg 3, or leave it out to use one of the pool."
        )
    plain: list[Any] = [tuple(row) for row in answer.rows]
    return plain
