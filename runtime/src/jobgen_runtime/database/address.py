"""Where the database is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo

from jobgen_runtime.contract import NoDatabase
from jobgen_runtime.project import (
    active_project,
    environment_database_url,
    find_root,
    libpq_url,
    project_database_url,
)


@dataclass
class _Configuration:
    url: str | None = None
    pool_size: int = 10


configuration = _Configuration()


def configure(url: str | None = None, *, pool_size: int = 10) -> None:
    """Says where the database is, and how many connections this process may hold for records.

    `url` is an address or a conninfo of libpq; None goes back to looking for it. Holds for pools
    opened from now on, so call it before the first record is read or written. The worker's own
    connections come on top of `pool_size`.
    """
    if pool_size < 1:
        raise ValueError(f"pool_size must be at least 1, got {pool_size}")
    configuration.url = url
    configuration.pool_size = pool_size


def database_url() -> str:
    """`configure`'s, else DATABASE_URL's, else that of the project's embedded server.

    The project is the one that this process was started for, else that of the current folder.
    Raises NoDatabase.
    """
    configured = configuration.url and libpq_url(configuration.url)
    url = configured or environment_database_url() or _from_project()
    if not url:
        raise NoDatabase(
            "No database: DATABASE_URL is not set, and the project's own server is not running.",
            hint="Set DATABASE_URL=postgresql://…, or start the project's server with "
            "`jobgen postgres start`.",
        )
    return url


def target_primary(url: str) -> str:
    """An address that means, of several hosts, the one that takes writes.

    Unless it says otherwise by its target_session_attrs. Raises NoDatabase where it is none.
    """
    parts = parse_url(url)
    several = "," in (parts.get("host") or parts.get("hostaddr") or "")
    if not several or "target_session_attrs" in parts:
        return url
    return make_conninfo(url, target_session_attrs="read-write")


def parse_url(url: str) -> dict[str, str]:
    """The parts of an address or a conninfo. Raises NoDatabase where it is neither."""
    try:
        return {key: str(value) for key, value in conninfo_to_dict(url).items()}
    except ProgrammingError as error:
        raise NoDatabase(
            f"The database's address cannot be read: {str(error).strip()}.",
            hint="It is postgresql://USER:PASSWORD@HOST:PORT/DATABASE, or a conninfo of libpq.",
        ) from None


def describe_url(url: str) -> str:
    """The address for people, with what the environment adds to it, and without its password."""
    defaults = {
        option.keyword.decode(): option.val.decode()
        for option in Conninfo.get_defaults()
        if option.val is not None
    }
    parts = defaults | parse_url(url)
    hosts = parts.get("host") or parts.get("hostaddr") or "the local socket"
    places = [
        host if host.startswith(("/", "the ")) else f"{f'[{host}]' if ':' in host else host}:{port}"
        for host, port in zip(hosts.split(","), cycle(parts["port"].split(",")), strict=False)
    ]
    user = parts.get("user", "")
    return f"database {parts.get('dbname') or user} on {', '.join(places)} as {user}"


def _from_project() -> str | None:
    root = active_project() or find_root(Path.cwd())
    return None if root is None else project_database_url(root)
