"""Errors of a database without a table or a column of Schema.sql."""

from __future__ import annotations

from psycopg import Error
from psycopg.errors import InFailedSqlTransaction, UndefinedColumn, UndefinedTable

from jobgen_runtime.contract.errors import SchemaError
from jobgen_runtime.database.failed_transaction import TransactionFailed, transaction_failed
from jobgen_runtime.database.server_errors import is_raised_by_user_code, server_reason
from jobgen_runtime.project import migrate_command


class MissingTable(SchemaError, UndefinedTable):
    """The table does not exist in the database; psycopg's error, with what to do about it."""


class MissingColumn(SchemaError, UndefinedColumn):
    """The column does not exist in the database; psycopg's error, with what to do about it."""


_CLASSES: dict[type[Error], type[MissingTable | MissingColumn]] = {
    UndefinedTable: MissingTable,
    UndefinedColumn: MissingColumn,
}


def missing_object(error: Error, *, is_users_query: bool) -> Error:
    """Return the error to raise in place of psycopg's.

    An error that a function of the database raised says nothing about the statement, and is
    returned as it is. A query of the user's own may have a typing error: its error only gets a
    note.

    Args:
        error: The error of a statement; either class may be a subclass of psycopg's.
        is_users_query: Whether the user has written the statement.
    """
    if type(error) not in _CLASSES or is_raised_by_user_code(error):
        return error
    if is_users_query:
        if isinstance(error, UndefinedTable):
            error.add_note("If Schema.sql has it, run `jobgen migrate`.")
        return error
    reason = server_reason(error)
    found = _CLASSES[type(error)](
        f"{reason[:1].upper()}{reason[1:]}.",
        hint=f"Run `{migrate_command()}`: the database is behind Schema.sql and "
        "Generated/Types.py.",
    )
    found._info, found._encoding = error._info, error._encoding  # noqa: SLF001 -- as its own constructor does
    return found


def explained(error: Error, *, is_users_query: bool) -> Error:
    """Return the error to raise in place of psycopg's; see `missing_object`.

    Args:
        error: The error of a statement.
        is_users_query: Whether the user has written the statement.
    """
    if isinstance(error, InFailedSqlTransaction):
        return error if isinstance(error, TransactionFailed) else transaction_failed()
    return missing_object(error, is_users_query=is_users_query)
