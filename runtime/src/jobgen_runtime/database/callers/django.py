"""Use Django's connections."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from jobgen_runtime.database.callers.driver_errors import as_psycopg_errors
from jobgen_runtime.database.callers.forks import require_own_process
from jobgen_runtime.database.callers.text_connection import Answer, TextConnection, session_zone
from jobgen_runtime.database.callers.wrong_arguments import not_postgresql
from jobgen_runtime.database.failed_transaction import transaction_failed

_ROLLBACK = "the `atomic()` block"


def is_of_django(conn: object) -> bool:
    """Return whether the object is one of Django's connections."""
    return _is_proxy(conn) or _is(conn, "django.db.backends.base.base", "BaseDatabaseWrapper")


def find(conn: Any) -> Connection[Any] | TextConnection:
    """Return the driver's connection, or one that sends text through Django.

    Raises:
        TypeError: It is not one to PostgreSQL.
        psycopg.Error: It cannot be used.
    """
    wrapper = _wrapper(conn)
    if wrapper.vendor != "postgresql":
        raise not_postgresql(wrapper, wrapper.display_name)
    if wrapper.needs_rollback:
        raise transaction_failed(_ROLLBACK)
    with as_psycopg_errors(_ROLLBACK):
        wrapper.validate_thread_sharing()
        wrapper.ensure_connection()
    driver = wrapper.connection
    require_own_process(driver)
    return driver if isinstance(driver, Connection) else _DjangoText(wrapper)


@dataclass(frozen=True, slots=True)
class Owner:
    """Django's connection."""

    conn: Any

    def note_loss(self, _error: Exception) -> None:
        """Let Django check its connection before the next request, as after its own errors."""
        self.conn.errors_occurred = True


def used_asynchronously(conn: Any) -> TypeError:
    """Return the error of Django's connection in an asynchronous method."""
    return TypeError(
        f"An asynchronous method was given Django's connection {_wrapper(conn).alias!r}, which is "
        "synchronous. Call the method whose name ends in _sync, in an asynchronous view by "
        "sync_to_async together with the rest of the transaction."
    )


class _DjangoText(TextConnection):
    def __init__(self, wrapper: Any) -> None:
        self._wrapper = wrapper
        self.is_autocommit = wrapper.get_autocommit() and not wrapper.in_atomic_block
        self.zone = session_zone(wrapper.connection.get_parameter_status("TimeZone"))

    def send(self, text: str) -> Answer:
        with as_psycopg_errors(_ROLLBACK), self._wrapper.cursor() as cursor:
            cursor.execute(text)
            rows = cursor.fetchall() if cursor.description is not None else []
            return Answer(rows, cursor.rowcount)


def _wrapper(conn: Any) -> Any:
    """Return the connection that a proxy stands for in this thread."""
    return conn._connections[conn._alias] if _is_proxy(conn) else conn  # noqa: SLF001 -- it has no other attribute


def _is_proxy(conn: object) -> bool:
    return _is(conn, "django.utils.connection", "ConnectionProxy")


def _is(conn: object, module: str, name: str) -> bool:
    loaded = sys.modules.get(module)
    return loaded is not None and isinstance(conn, getattr(loaded, name))
