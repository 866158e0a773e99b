"""Find the address of the database, check it, and describe it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from urllib.parse import quote, urlencode

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo

from jobgen_runtime.contract.errors import NoDatabase
from jobgen_runtime.database.record_modules import record_projects
from jobgen_runtime.project import (
    active_project,
    describe_invalid_address,
    environment_database_url,
    find_root,
    libpq_url,
    project_database_url,
)
from jobgen_runtime.project.built import is_built


@dataclass
class _Configuration:
    url: str | None = None
    pool_size: int | None = None
    slots: int = 0
    default_address: Callable[[], str] | None = None


configuration = _Configuration()

_HOST_NAME = re.compile(r"[\w.:-]+")
"""One name or address of a host, which may stand before a URL's path; no folder of a socket."""


_SMALLEST_POOL = 10
_BEYOND_SLOTS = 4
"""Connections for the single statements of jobs whose transactions hold one for each slot."""

_LARGEST_POOL = 50
"""Many slots wait for something else most of the time, and a server has 100 connections."""


def configure(url: str | None = None, *, pool_size: int | None = None) -> None:
    """Set the database's address and the size of this process's connection pools.

    Call it before the first record is read or written: pools keep the address that they have
    connected to, and their size.

    Args:
        url: A URL or a libpq connection string; None uses DATABASE_URL, or the project's own
            server.
        pool_size: The most connections in each pool. None means 10, or in a worker one for each
            slot plus 4, if that is more, but not more than 50. A worker has three connections
            outside of the pools.

    Raises:
        ValueError: `pool_size` is below 1.
    """
    if pool_size is not None and pool_size < 1:
        raise ValueError(f"pool_size must be 1 or more, not {pool_size}.")
    configuration.url = url
    configuration.pool_size = pool_size


def set_default_address(source: Callable[[], str] | None) -> None:
    """Let a function return the address where `configure` has set none.

    For frameworks that know the database: then neither DATABASE_URL nor the project's own server is
    used. The function is called for each new connection pool.
    """
    configuration.default_address = source


def expect_slots(slots: int) -> None:
    """Size later pools for this number of concurrent jobs in this process."""
    configuration.slots = slots


def pool_size() -> int:
    """Return the most connections that a pool may have."""
    if configuration.pool_size is not None:
        return configuration.pool_size
    return min(max(_SMALLEST_POOL, configuration.slots + _BEYOND_SLOTS), _LARGEST_POOL)


def database_url() -> str:
    """Return the database's address.

    That is the one given to `configure`, else that of Django's DATABASES if jobgen's application is
    installed there, else DATABASE_URL, else that of the project's own server.
    The project is the one that the process was started for, else that of the modules with records,
    else that of the current folder.

    Raises:
        NoDatabase: None of these is set, or the project's server is not running.
    """
    configured = configuration.url and libpq_url(configuration.url)
    if configured:
        return configured
    if configuration.default_address is not None:
        return configuration.default_address()
    return environment_database_url() or _own_server_url()


def target_primary(url: str) -> str:
    """Return an address that connects to the primary, if it names several hosts.

    An address with `target_session_attrs` is returned unchanged.

    Raises:
        NoDatabase: The address is invalid.
    """
    parts = parse_url(url)
    several = "," in (parts.get("host") or parts.get("hostaddr") or "")
    if not several or "target_session_attrs" in parts:
        return url
    return make_conninfo(url, target_session_attrs="read-write")


def parse_url(url: str) -> dict[str, str]:
    """Return the parameters of a URL or a connection string.

    Raises:
        NoDatabase: It is neither.
    """
    try:
        return {key: str(value) for key, value in conninfo_to_dict(url).items()}
    except ProgrammingError as error:
        message, hint = describe_invalid_address(str(error))
        raise NoDatabase(message, hint=hint) from None


def as_url(conninfo: str) -> str:
    """Return a connection string as a URL, which libraries other than libpq can read, too.

    Raises:
        NoDatabase: It is invalid.
    """
    parts = parse_url(conninfo)
    user, password = parts.pop("user", ""), parts.pop("password", "")
    database = quote(parts.pop("dbname", ""), safe="")
    login = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    server = ""
    if _HOST_NAME.fullmatch(parts.get("host", "")):
        host, port = parts.pop("host"), parts.pop("port", "")
        server = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    query = f"?{urlencode(parts, quote_via=quote)}" if parts else ""
    return f"postgresql://{login}{'@' if login else ''}{server}/{database}{query}"


def describe_url(url: str) -> str:
    """Return the address for people: with the environment's defaults, without the password."""
    defaults = {
        option.keyword.decode(): option.val.decode()
        for option in Conninfo.get_defaults()
        if option.val is not None
    }
    parts = defaults | parse_url(url)
    hosts = parts.get("host") or parts.get("hostaddr") or "the local socket"
    addresses = [
        host if host.startswith(("/", "the ")) else f"{f'[{host}]' if ':' in host else host}:{port}"
        for host, port in zip(hosts.split(","), cycle(parts["port"].split(",")), strict=False)
    ]
    user = parts.get("user", "")
    return f"database {parts.get('dbname') or user} on {', '.join(addresses)} as {user}"


def _own_server_url() -> str:
    """Return the address of the project's own server.

    Raises:
        NoDatabase: There is no project, or its server is not running.
    """
    folder = _current_folder()
    root = active_project() or _record_project(folder)
    if root is None:
        raise NoDatabase(
            f"No database: DATABASE_URL is not set, and {folder} is not in a project.",
            hint="Set DATABASE_URL=postgresql://…, or run this in the project's folder."
            + _django_hint(),
        )
    if is_built(root):
        raise NoDatabase(
            "No database: DATABASE_URL is not set.", hint="Set DATABASE_URL=postgresql://…"
        )
    url = project_database_url(root)
    if url is None:
        raise NoDatabase(
            f"No database: DATABASE_URL is not set, and the server of the project {root} is not "
            "running.",
            hint="Set DATABASE_URL=postgresql://…, or start the server there with "
            f"`jobgen postgres start`.{_django_hint()}",
        )
    return url


def _django_hint() -> str:
    """Return what to do in an application of Django, which this process has loaded."""
    if "django.conf" not in sys.modules:
        return ""
    return ' With "jobgen_runtime.django" in INSTALLED_APPS, the database is that of DATABASES.'


def _record_project(folder: Path) -> Path | None:
    """Return the project of the modules with records, or that of the folder where it is one too."""
    roots, here = record_projects(), find_root(folder)
    return here if here in roots or not roots else roots[0]


def _current_folder() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        # It was deleted.
        return Path("/")
