"""Passes the address of a database to PostgreSQL's own programs."""

from __future__ import annotations

import os

from psycopg.conninfo import conninfo_to_dict, make_conninfo


def client_arguments(url: str) -> tuple[str, dict[str, str]]:
    """Return the argument `--dbname=…` for an address, and the environment to run the program in.

    The password is in the environment, because all users of a machine can read the arguments of
    its processes.

    Args:
        url: An address, or a string of keywords and values, as libpq accepts them.
    """
    parts = conninfo_to_dict(url)
    environment = dict(os.environ)
    if password := parts.pop("password", None):
        environment["PGPASSWORD"] = str(password)
    return f"--dbname={make_conninfo('', **parts)}", environment
