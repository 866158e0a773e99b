"""The errors of arguments that are not connections, and of connections that cannot be used."""

from __future__ import annotations

from typing import Any

from psycopg import OperationalError

from jobgen_runtime.contract.errors import JobgenRuntimeError


class UnusableConnection(JobgenRuntimeError, OperationalError):
    """The connection that was passed is closed, or cannot be used where it was passed."""


def name_of(conn: object) -> str:
    """Return the qualified name of an object's class."""
    kind = type(conn)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return f"{module}{kind.__qualname__}"


def not_a_connection(conn: object, expected: type[Any]) -> TypeError:
    """Return the error of an argument that is not a connection of any library."""
    others = "SQLAlchemy" if expected.__name__.startswith("Async") else "SQLAlchemy or Django"
    advice = (
        "Leave it out to use one of the pool; columns are passed by name, as in create(name=…)."
    )
    module = type(conn).__module__
    if module.startswith("flask_sqlalchemy"):
        advice = "Pass its session: `db.session`."
    elif module.startswith("django."):
        advice = "Pass `connection` of django.db, or `connections[…]` for another database."
    return TypeError(
        f"The connection must be a psycopg.{expected.__name__} or a connection of {others}, not "
        f"{name_of(conn)}. {advice}"
    )


def not_postgresql(conn: object, database: str) -> TypeError:
    """Return the error of a connection to a database of another product."""
    return TypeError(
        f"The connection must be one to PostgreSQL, where the jobs are, and this {name_of(conn)} "
        f"is one to {database}. Leave it out to use one of the pool: the row is then not part of "
        "your transaction."
    )


def other_driver(conn: object, driver: str) -> TypeError:
    """Return the error of a connection whose driver is not known to keep values as they are."""
    return TypeError(
        f"The {name_of(conn)} has the driver {driver}, and records work over psycopg, psycopg2 and "
        "asyncpg. Write postgresql+psycopg:// in the engine's URL, or leave the connection out."
    )


def used_synchronously(conn: object, instead: str) -> TypeError:
    """Return the error of an asynchronous connection in a synchronous method."""
    return TypeError(
        f"A synchronous method was given {_a(name_of(conn))}, which is asynchronous. "
        f"Call the method whose name does not end in _sync, or pass {instead}."
    )


def used_asynchronously(conn: object, instead: str) -> TypeError:
    """Return the error of a synchronous connection in an asynchronous method."""
    return TypeError(
        f"An asynchronous method was given {_a(name_of(conn))}, which is synchronous. "
        f"Call the method whose name ends in _sync{instead}."
    )


def makes_connections(conn: object, instead: str) -> TypeError:
    """Return the error of an object that only makes connections or sessions."""
    return TypeError(
        f"The connection must be one with a transaction, and {_a(name_of(conn))} only makes such "
        f"connections. {instead}"
    )


def _a(name: str) -> str:
    return f"an {name}" if name[:1] in "aeio" else f"a {name}"
