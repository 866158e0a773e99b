"""Passes the address of a database to PostgreSQL's own programs."""

from __future__ import annotations

import os

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from jobgen.postgres.databases import invalid_address


def address_parts(url: str) -> dict[str, str]:
    """Return the keywords and values of an address, or of a string of these.

    Raises:
        JobgenError: libpq cannot read it. The message does not have its password.
    """
    try:
        return {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except ProgrammingError as error:
        raise invalid_address(error) from None


def client_arguments(url: str) -> tuple[str, dict[str, str]]:
    """Return the argument `--dbname=…` for an address, and the environment to run the program in.

    The password is in the environment, because all users of a machine can read the arguments of
    its processes.

    Args:
        url: An address, or a string of keywords and values, as libpq accepts them.

    Raises:
        JobgenError: libpq cannot read the address.
    """
    parts = address_parts(url)
    environment = dict(os.environ)
    if password := parts.pop("password", None):
        environment["PGPASSWORD"] = password
    return f"--dbname={make_conninfo('', **parts)}", environment
