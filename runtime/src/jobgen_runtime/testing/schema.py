"""Create the tables of the project in an empty database."""

from __future__ import annotations

import importlib
from typing import Any

import psycopg

from jobgen_runtime.database import install_schema_sync
from jobgen_runtime.project import fill, read_config, read_table, read_text
from jobgen_runtime.testing.errors import TestingError
from jobgen_runtime.testing.kinds import project_root


def create_tables(url: str) -> None:
    """Install the runtime's schema, and run the project's Schema.sql.

    Raises:
        TestingError: There is no project or no Schema.sql, the server refuses a statement of it, or
            the tables are made by the migrations of another tool.
    """
    root = project_root()
    if root is None:
        raise TestingError(
            "There is no project whose tables tests could use: no pyproject.toml at the current "
            "folder or above it has [tool.jobgen].",
            hint="Run the tests in the project's folder, or override the fixture "
            "jobgen_create_tables.",
        )
    config = read_config(root)
    if (read_table(root) or {}).get("schema_source") == "database":
        raise TestingError(
            "The tables of this project are made by the migrations of another tool (schema_source "
            'is "database").',
            hint="Override the fixture jobgen_create_tables: let it return a function that runs "
            "these migrations in the database at an address. docs/testing.md shows it.",
        )
    path = fill(config.paths.schema, app=config.application)
    text = read_text(root / path)
    if text is None:
        raise TestingError(f"There is no {path} in {root}.", hint="Write the tables into it.")
    with psycopg.connect(url, autocommit=True) as conn:
        install_schema_sync(conn)
        try:
            schema_file: Any = importlib.import_module("jobgen.migrate.schema_file")
        except ModuleNotFoundError:
            _run_text(conn, text, str(path))
            return
        try:
            schema = schema_file.read_schema_file(root, path)
            schema_file.run_schema_file(conn, schema, on_scratch=False)
        except Exception as error:
            # An error of jobgen, whose class is known only where it is installed.
            message = getattr(error, "message", None)
            if message is None:
                raise
            raise TestingError(f"{path}: {message}", hint=getattr(error, "hint", None)) from error


def _run_text(conn: psycopg.Connection[Any], text: str, path: str) -> None:
    try:
        conn.execute(text.encode())
    except psycopg.Error as error:
        raise TestingError(
            f"The server refuses {path}: {str(error).strip()}",
            hint="Run `jobgen migrate` on an empty database to see the line.",
        ) from error
