"""The error of a transaction that has failed before, whichever library it belongs to."""

from __future__ import annotations

from psycopg.errors import InFailedSqlTransaction

from jobgen_runtime.contract.errors import JobgenRuntimeError


class TransactionFailed(JobgenRuntimeError, InFailedSqlTransaction):
    """The caller's transaction has failed before; psycopg's error, with what to do about it."""


def transaction_failed(rollback: str = "its transaction") -> TransactionFailed:
    """Return the error of a statement in a transaction that has failed before.

    Args:
        rollback: What is to be rolled back, as a part of the hint.
    """
    return TransactionFailed(
        "The connection's transaction has failed: an earlier statement raised an error, and "
        "PostgreSQL refuses all others until the transaction is rolled back.",
        hint=f"Roll back {rollback}, or let the statement that may fail run in a savepoint.",
    )
