"""The address of a database in Django's DATABASES."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo

from jobgen_runtime.contract.errors import NoDatabase
from jobgen_runtime.django.settings import DATABASE, SETTING, database_alias

POSTGRESQL = "postgresql"
"""What Django calls the vendor, also of PostGIS and of backends that extend its own."""


def database_address() -> str:
    """Return the connection string of the database with the jobs.

    It is read from the settings each time: Django's tests change the name of the database.

    Raises:
        NoDatabase: It is not in DATABASES, is not PostgreSQL, or has no name.
    """
    try:
        alias = database_alias()
    except ImproperlyConfigured as error:
        raise NoDatabase(str(error)) from None
    if alias not in connections:
        known = ", ".join(repr(name) for name in connections)
        raise NoDatabase(
            f"{SETTING}[{DATABASE!r}] is {alias!r}, and DATABASES has only {known}.",
            hint="Correct it in Django's settings.",
        )
    connection = connections[alias]
    if connection.vendor != POSTGRESQL:
        raise NoDatabase(
            f"DATABASES[{alias!r}] is {connection.display_name}, and jobs are in PostgreSQL.",
            hint='Use "ENGINE": "django.db.backends.postgresql" there, or name another database of '
            f'DATABASES: {SETTING} = {{"{DATABASE}": "…"}}.',
        )
    return connection_string(alias, connection.settings_dict)


def connection_string(alias: str, settings: Mapping[str, Any]) -> str:
    """Return the connection string that libpq needs to connect as Django does.

    Options that are Django's or the driver's own, such as a pool, are left out.

    Args:
        alias: The alias in DATABASES, for messages.
        settings: Its settings.

    Raises:
        NoDatabase: They name no database.
    """
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    options = settings.get("OPTIONS") or {}
    parameters = {key: value for key, value in options.items() if key in known}
    name = settings["NAME"]
    if name is None:
        name = "postgres"
    elif not name and not parameters.get("service"):
        raise NoDatabase(
            f"DATABASES[{alias!r}] names no database.",
            hint="Set NAME there, or a service in OPTIONS.",
        )
    own = {"USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    parameters |= {key: settings[of] for of, key in own.items() if settings.get(of)}
    if name:
        parameters["dbname"] = name
    if role := options.get("assume_role"):
        parameters["options"] = f"{parameters.get('options', '')} -c role={_escape(role)}".strip()
    return make_conninfo(**{key: str(value) for key, value in parameters.items()})


def _escape(value: str) -> str:
    """Return a value for libpq's `options`, where backslashes escape spaces."""
    return value.replace("\\", "\\\\").replace(" ", "\\ ")
