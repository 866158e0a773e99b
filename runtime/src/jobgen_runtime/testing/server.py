"""Find or start the server on which tests may create databases."""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jobgen_runtime.database.address import describe_url, parse_url
from jobgen_runtime.project import libpq_url
from jobgen_runtime.testing.errors import NoTestDatabase
from jobgen_runtime.testing.kinds import project_root

TEST_DATABASE_URL = "TEST_DATABASE_URL"
"""The variable that names the server explicitly."""

_PRODUCTION = re.compile(r"(?<![a-z])(prod|production|live)(?![a-z])", re.IGNORECASE)


@contextmanager
def find_server() -> Iterator[str]:
    """Yield the address of a server on which tests may create databases.

    That is TEST_DATABASE_URL, else DATABASE_URL, else a temporary server of jobgen's PostgreSQL,
    which ends with this process even if that is killed. Databases that exist there are not touched.

    Raises:
        NoTestDatabase: There is none, or DATABASE_URL looks like that of production.
    """
    if given := libpq_url(os.environ.get(TEST_DATABASE_URL, "")):
        yield given
        return
    if url := libpq_url(os.environ.get("DATABASE_URL", "")):
        _refuse_production(url)
        yield url
        return
    with _embedded_server() as url:
        yield url


@contextmanager
def _embedded_server() -> Iterator[str]:
    try:
        postgres: Any = importlib.import_module("jobgen.postgres")
        errors: Any = importlib.import_module("jobgen.errors")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "jobgen":
            raise
        raise NoTestDatabase(
            "There is no PostgreSQL for the tests: DATABASE_URL is not set, and jobgen, which "
            f"brings one, is not installed in {sys.prefix}.",
            hint="pip install jobgen, or set DATABASE_URL to a server on which tests may create "
            "databases.",
        ) from None
    try:
        binaries = postgres.project_binaries(
            project_root() or Path.cwd(),
            importlib.import_module("jobgen.postgres.account").server_account(),
        )
        server = postgres.temporary_server(binaries=binaries)
        url = server.__enter__()
    except errors.JobgenError as error:
        raise NoTestDatabase(
            f"The PostgreSQL of the tests cannot be started: {error.message}", hint=error.hint
        ) from error
    try:
        yield url
    finally:
        server.__exit__(None, None, None)


def _refuse_production(url: str) -> None:
    parts = parse_url(url)
    for key in ("dbname", "host", "user", "service"):
        if _PRODUCTION.search(parts.get(key, "").replace("_", " ")):
            raise NoTestDatabase(
                f"DATABASE_URL looks like that of a production server: {describe_url(url)}.",
                hint=f"Unset it, or name the server for the tests with {TEST_DATABASE_URL}, which "
                "is not checked.",
            )
