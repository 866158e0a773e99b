"""The address of the project's database: DATABASE_URL, or the file of the project's own server."""

from __future__ import annotations

import os
import re
from pathlib import Path

from jobgen_runtime.project.text import read_text

STATE_FOLDER = ".jobgen"
"""The folder for jobgen's own files, in the project's root."""

# SQLAlchemy names a driver in the scheme (postgresql+psycopg://), which libpq does not know.
_SQLALCHEMY_DRIVER = re.compile(r"^(postgres(?:ql)?)\+\w+(?=://)")


def database_url_path(root: Path) -> Path:
    """Return the path of the file with the address of the project's own running server."""
    return root / STATE_FOLDER / "database_url"


def project_database_url(root: Path) -> str | None:
    """Return the address of the project's own server; None while it does not run.

    Raises:
        ProjectError: The file cannot be read, or is not UTF-8.
    """
    return libpq_url(read_text(database_url_path(root)) or "") or None


def environment_database_url() -> str | None:
    """Return DATABASE_URL in libpq's spelling; None where it is not set or empty."""
    return libpq_url(os.environ.get("DATABASE_URL", "")) or None


def libpq_url(url: str) -> str:
    """Return an address without surrounding white space and without SQLAlchemy's driver."""
    return _SQLALCHEMY_DRIVER.sub(r"\1", url.strip())
