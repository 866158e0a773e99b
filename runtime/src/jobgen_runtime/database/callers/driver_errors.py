"""Translate the errors of other drivers and libraries into those of psycopg."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType

from psycopg import Error, OperationalError
from psycopg.errors import lookup
from psycopg.pq import DiagnosticField

from jobgen_runtime.database.failed_transaction import transaction_failed

_FIELDS = MappingProxyType(
    {
        DiagnosticField.SEVERITY: ("severity",),
        DiagnosticField.SEVERITY_NONLOCALIZED: ("severity_nonlocalized", "severity_en"),
        DiagnosticField.SQLSTATE: ("sqlstate",),
        DiagnosticField.MESSAGE_PRIMARY: ("message_primary", "message"),
        DiagnosticField.MESSAGE_DETAIL: ("message_detail", "detail"),
        DiagnosticField.MESSAGE_HINT: ("message_hint", "hint"),
        DiagnosticField.STATEMENT_POSITION: ("statement_position", "position"),
        DiagnosticField.CONTEXT: ("context",),
        DiagnosticField.SCHEMA_NAME: ("schema_name",),
        DiagnosticField.TABLE_NAME: ("table_name",),
        DiagnosticField.COLUMN_NAME: ("column_name",),
        DiagnosticField.DATATYPE_NAME: ("datatype_name", "data_type_name"),
        DiagnosticField.CONSTRAINT_NAME: ("constraint_name",),
    }
)
"""How psycopg2 and asyncpg name the fields of an error's report."""


@contextmanager
def as_psycopg_errors(rollback: str) -> Iterator[None]:
    """Raise psycopg's error in place of that of another driver.

    Args:
        rollback: What is to be rolled back after an error, for people.

    Raises:
        psycopg.Error: The database has refused a statement.
        TransactionFailed: The transaction had failed before.
    """
    try:
        yield
    except Exception as error:
        if _is_of("sqlalchemy.exc", ("PendingRollbackError",), error):
            raise transaction_failed(rollback) from error
        if not _is_of("sqlalchemy.exc", ("DBAPIError",), error) and not _is_of(
            "django.db.utils", ("Error",), error
        ):
            raise
        raise _translated(error, rollback) from error


def _is_of(module: str, names: tuple[str, ...], error: BaseException) -> bool:
    """Return whether the error is of one of the classes of a module, if that is loaded."""
    loaded = sys.modules.get(module)
    return loaded is not None and isinstance(error, tuple(getattr(loaded, n) for n in names))


def _translated(error: BaseException, rollback: str) -> Error:
    causes = list(_causes(error))
    for cause in causes:
        state = _state(cause)
        if state == "25P02":
            return transaction_failed(rollback)
        if isinstance(cause, Error):
            return cause
        if state is not None:
            return _psycopg_error(cause, state)
    return OperationalError(str(causes[-1]).strip())


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and those that it wraps, the driver's last."""
    found: BaseException | None = error
    while found is not None:
        yield found
        orig = getattr(found, "orig", None)
        found = orig if isinstance(orig, BaseException) else found.__cause__


def _state(error: BaseException) -> str | None:
    """Return the SQLSTATE of a driver's error; None if it is a wrapper, or not the server's."""
    if hasattr(error, "orig") or (error.__cause__ is not None and not hasattr(error, "diag")):
        return None
    for holder, name in ((getattr(error, "diag", None), "sqlstate"), (error, "sqlstate")):
        if isinstance(state := getattr(holder, name, None), str):
            return state
    return None


def _psycopg_error(error: BaseException, state: str) -> Error:
    source = getattr(error, "diag", error)
    report: dict[int, bytes | None] = dict.fromkeys(DiagnosticField)
    report.update(_report(source))
    try:
        kind: type[Error] = lookup(state)
    except KeyError:
        kind = OperationalError
    text = str(error).strip()
    detail = report[DiagnosticField.MESSAGE_DETAIL]
    if detail is not None and (line := f"DETAIL:  {detail.decode()}") not in text:
        text = f"{text}\n{line}"
    return kind(text, info=report)


def _report(source: object) -> Iterator[tuple[int, bytes | None]]:
    for field, names in _FIELDS.items():
        for name in names:
            if isinstance(value := getattr(source, name, None), str):
                yield field, value.encode()
                break
