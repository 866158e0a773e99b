"""Runs a schema file in a database, statement by statement, as psql does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.pq.abc import PGresult

from jobgen.schema.introspect.batches import batches
from jobgen.schema.introspect.passed_over import (
    is_row_of_missing_function,
    may_be_refused,
    reason_not_to_run,
    reason_of_refusal,
)
from jobgen.schema.introspect.placeholders import Missing, create_placeholder, find_missing
from jobgen.schema.introspect.refusals import locate_refusal, message_of
from jobgen.schema.introspect.results import (
    UnusableResultError,
    generated_statements,
    stored_values,
)
from jobgen.schema.introspect.rewriting import (
    is_refused_connection,
    may_be_rewritten,
    rewritten,
)
from jobgen.schema.introspect.transactions import (
    UNDO_FILE_TRANSACTION,
    FileTransaction,
    begins_transaction,
    is_transaction_control,
    nested,
)
from jobgen.schema.script.script import ResultUse, Script, Statement, Values


@dataclass(frozen=True, slots=True)
class Note:
    """A statement that was not run, or not as it is.

    Attributes:
        path: The file that it is in.
        line: Its line there, from 1.
        statement: Its first words.
        reason: Why it was not run.
        outcome: What was done.
    """

    path: PurePosixPath
    line: int
    statement: str
    reason: str
    outcome: str = "not run"

    def __str__(self) -> str:
        """Return a line for the user."""
        place = f"{self.path}:{self.line}"
        return f"{place}: {self.statement}: {self.outcome}, because {self.reason}"


@dataclass(frozen=True, slots=True)
class RunNotes:
    """The statements of a schema file that were not run as they are."""

    passed_over: tuple[Note, ...] = ()


def run_schema(conn: psycopg.Connection[Any], script: Script, *, on_scratch: bool) -> RunNotes:
    """Run the statements of a schema file, except those that act outside the database.

    In autocommit mode, each statement is a transaction, as in psql, unless the file begins one.
    If the connection is in a transaction, everything is part of it: the file's own transactions
    become savepoints, and what is to be done CONCURRENTLY is done without that.

    Args:
        conn: A connection to the database.
        script: The schema file.
        on_scratch: Whether the server is a throwaway one, on which the connection's role is a
            superuser. Roles and tablespaces that do not exist are created there.

    Raises:
        SchemaError: The server refuses a statement.
    """
    # Statements are sent as UTF-8, whatever the client's or the database's encoding is.
    conn.execute("SET client_encoding TO 'UTF8'")
    run = _Run(conn, script, on_scratch, _is_in_transaction(conn))
    run.run_all()
    run.undo_open_transaction()
    return RunNotes(tuple(run.notes))


def _is_in_transaction(conn: psycopg.Connection[Any]) -> bool:
    return conn.info.transaction_status == TransactionStatus.INTRANS


@dataclass(slots=True)
class _Run:
    """One run of a schema file; `is_nested` is whether the caller has begun a transaction."""

    conn: psycopg.Connection[Any]
    script: Script
    on_scratch: bool
    is_nested: bool
    notes: list[Note] = field(default_factory=list)
    _transaction: FileTransaction = field(default_factory=FileTransaction)
    _result: PGresult | None = None
    _stored: Values = field(default_factory=dict)
    _begin: Statement | None = None

    def run_all(self) -> None:
        r"""Run the statements of the script, whose rest may depend on what a \gset stores."""
        done = 0
        while True:
            statements = islice(self.script.statements(), done, None)
            for batch in batches(statements, on_scratch=self.on_scratch):
                if len(batch) == 1 or not self._run_at_once(batch):
                    for statement in batch:
                        self.run(statement)
                done += len(batch)
            if self.script.resume is None:
                return
            self.script = self.script.resume(self._stored)

    def undo_open_transaction(self) -> None:
        """Undo what the file does not commit, as psql does by closing the connection."""
        if self.is_nested:
            is_open, undo = self._transaction.is_open, UNDO_FILE_TRANSACTION
        else:
            is_open = self.conn.info.transaction_status != TransactionStatus.IDLE
            undo = "ROLLBACK"
        if is_open:
            self.conn.execute(undo.encode())
        if is_open and self._begin is not None:
            reason = "the file does not commit this transaction"
            self._note(self._begin, reason, outcome="rolled back with all that follows")

    def _run_at_once(self, batch: Sequence[Statement]) -> bool:
        """Run all of the statements, and return True, or none if the server refuses one."""
        text = "\n;\n".join(statement.text for statement in batch)
        try:
            with self._savepoint():
                self.conn.execute(text.encode())
        except psycopg.Error:
            return False
        return True

    def run(self, statement: Statement) -> None:
        """Run a statement and use its result, or note why it is passed over."""
        self._result = None
        self._run_or_note(statement)
        if statement.result is not None:
            self._use_result(statement, statement.result)

    def _run_or_note(self, statement: Statement) -> None:
        if begins_transaction(statement):
            self._begin = statement
        reason = reason_not_to_run(statement, on_scratch=self.on_scratch)
        if reason is not None:
            self._note(statement, reason)
            return
        try:
            self._run(statement, self._text(statement))
        except psycopg.Error as error:
            if instead := rewritten(statement, error, on_scratch=self.on_scratch):
                self._retry(statement, instead.text)
                if instead.outcome:
                    self._note(statement, message_of(error), outcome=instead.outcome)
                return
            reason = reason_of_refusal(statement, error)
            if self.on_scratch and is_row_of_missing_function(statement, error):
                reason = message_of(error).removesuffix(".")
            elif self.on_scratch and is_refused_connection(error):
                reason = "a throwaway server connects to no other one"
            if reason is None:
                raise locate_refusal(self.script, statement, error) from None
            self._note(statement, reason)

    def _use_result(self, statement: Statement, use: ResultUse) -> None:
        self._stored = {}
        if self._result is None:  # the statement was passed over
            return
        if use.command == "gexec":
            for generated in generated_statements(self._result, statement):
                self.run(generated)
            return
        try:
            self._stored = stored_values(self._result, use.prefix)
        except UnusableResultError as error:
            raise self.script.error(statement.offset, str(error)) from None

    def _text(self, statement: Statement) -> str:
        """Return the SQL to run for a statement; "" for none."""
        if not self.is_nested:
            return statement.text
        text, self._transaction = nested(statement, self._transaction)
        return text

    def _run(self, statement: Statement, text: str) -> None:
        """Run the SQL of a statement, again after creating each missing placeholder."""
        created: set[Missing] = set()
        while True:
            try:
                self._execute(statement, text)
            except psycopg.Error as error:
                missing = find_missing(error) if self.on_scratch else None
                if missing is None or missing in created:
                    raise
                created.add(missing)
                create_placeholder(self.conn, missing)
            else:
                return

    def _execute(self, statement: Statement, text: str) -> None:
        """Send the SQL of a statement; a refusal that may not matter keeps the transaction."""
        is_guarded = not is_transaction_control(statement) and (
            self.on_scratch or may_be_refused(statement) or may_be_rewritten(statement)
        )
        if text:
            with self._savepoint() if is_guarded else nullcontext():
                self._send(statement, text)

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        """Undo only the block if it raises an error of the server and is in a transaction."""
        if not _is_in_transaction(self.conn):
            yield
            return
        self.conn.execute("SAVEPOINT jobgen_statement")
        try:
            yield
        except psycopg.Error:
            if not self.conn.closed:
                self.conn.execute(
                    "ROLLBACK TO SAVEPOINT jobgen_statement; RELEASE SAVEPOINT jobgen_statement"
                )
            raise
        self.conn.execute("RELEASE SAVEPOINT jobgen_statement")

    def _send(self, statement: Statement, text: str) -> None:
        if statement.rows is not None:
            with self.conn.cursor().copy(text.encode()) as copy:
                copy.write(statement.rows)
            return
        cursor = self.conn.execute(text.encode())
        if statement.result is not None:
            self._result = cursor.pgresult

    def _retry(self, statement: Statement, text: str) -> None:
        try:
            self._run(statement, text)
        except psycopg.Error as error:
            raise locate_refusal(self.script, statement, error) from None

    def _note(self, statement: Statement, reason: str, *, outcome: str = "not run") -> None:
        """Note a statement that was not run as it is; not if there was nothing to do."""
        if not reason:
            return
        path, line = self.script.line(statement.offset)
        words = " ".join(statement.words.split()[:5]).upper()
        self.notes.append(Note(path, line, words, reason, outcome))
