"""The output of pg_dump is read into the schema of the dumped database."""

from __future__ import annotations

import subprocess
from pathlib import Path, PurePosixPath

import psycopg

from jobgen.postgres import project_binaries
from jobgen.schema.introspect.catalog import read_catalog
from jobgen.schema.model import QualifiedName
from jobgen.schema.parse.reader import read_schema

RICH = Path(__file__).parent / "rich.sql"


def test_dump_with_rows_gives_the_schema_of_its_database(runtime_database: str) -> None:
    with psycopg.connect(runtime_database, autocommit=True) as conn:
        conn.execute(RICH.read_bytes())
        expected = read_catalog(conn)
    program = project_binaries(Path.cwd()).program("pg_dump")
    dump = subprocess.run([program, runtime_database], check=True, capture_output=True, text=True)
    assert "\\restrict" in dump.stdout
    assert "COPY public.bands" in dump.stdout
    actual = read_schema(dump.stdout, PurePosixPath("Schema.sql"))
    assert actual.search_path == ()
    for name, table in expected.tables.items():
        assert actual.tables.get(name) == table
    assert actual == expected
    assert QualifiedName("public", "email_customers_jobs") in actual.tables
    assert QualifiedName("public", "job_workers") not in actual.tables
