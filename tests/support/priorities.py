"""The application's job Probe with priorities."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import psycopg

from jobgen.job_block.context import priority_index
from jobgen.schema.parse.reader import read_schema
from jobgen.types_file import render_types
from tests.support.application import Application
from tests.support.schema import APP_SCHEMA

ADD_PRIORITY = f"""
ALTER TABLE probe_jobs ADD COLUMN priority SMALLINT DEFAULT 0 NOT NULL;
{priority_index("probe_jobs", on="probe_jobs")}
"""


def add_priorities(app: Application, conn: psycopg.Connection[Any]) -> None:
    """Give probe_jobs a column `priority` with its index, and its record the attribute."""
    conn.execute(ADD_PRIORITY.encode())
    path = PurePosixPath("Application/Schema.sql")
    schema = read_schema(APP_SCHEMA + ADD_PRIORITY, path)
    app.write("Generated/Types.py", render_types(schema, overrides={}, schema_path=str(path)))
