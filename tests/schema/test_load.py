"""A server reads the Schema.sql that pgparse cannot read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path, PurePosixPath

import psycopg
import pytest

from jobgen.schema.errors import SchemaError
from jobgen.schema.load import load_schema
from jobgen.schema.model import QualifiedName, Schema
from jobgen.schema.parse.reader import read_schema
from tests.support.programs import OLD_POSTGRES

PATH = PurePosixPath("Schema.sql")
NEWEST = """\
\\connect shop
CREATE TABLE rooms (
    id int PRIMARY KEY,
    size int NOT NULL,
    doubled int GENERATED ALWAYS AS (size * 2) VIRTUAL
);
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TABLE bookings (
    room_id int,
    during tsrange,
    CONSTRAINT one_at_a_time UNIQUE (room_id, during WITHOUT OVERLAPS),
    CONSTRAINT positive CHECK (room_id > 0) NOT ENFORCED
);
CREATE TABLE reports_jobs (status JOB_STATUS);
"""
DATABASES = "SELECT datname FROM pg_database WHERE datname LIKE 'jobgen_scratch%'"


def column(schema: Schema, table: str, name: str) -> object:
    return schema.tables[QualifiedName("public", table)].column(name)


def test_syntax_of_postgresql_18_is_read_by_a_server(server_url: str) -> None:
    with pytest.raises(SchemaError):
        read_schema(NEWEST, PATH)
    schema = load_schema(NEWEST, PATH, server_urls=[server_url])
    virtual = column(schema, "rooms", "doubled")
    plain = read_schema(
        "CREATE TABLE rooms (doubled int GENERATED ALWAYS AS (1) STORED)", PATH
    ).tables[QualifiedName("public", "rooms")]
    assert virtual == plain.columns[0]
    assert [name.name for name in schema.tables] == ["bookings", "reports_jobs", "rooms"]


def test_table_with_a_deeply_nested_check_is_read_by_a_server(server_url: str) -> None:
    deep = "+".join(["n"] * 2000)
    schema = load_schema(
        f"CREATE TABLE a (n int CHECK ({deep} > 0));", PATH, server_urls=[server_url]
    )
    assert column(schema, "a", "n") is not None


def test_temporary_server_reads_the_text_without_server_urls() -> None:
    schema = load_schema("CREATE TABLE a AS SELECT 1 AS one, 'x'::text AS two", PATH)
    assert [c.name for c in schema.tables[QualifiedName("public", "a")].columns] == ["one", "two"]


def test_unreachable_server_is_skipped(server_url: str, tmp_path: Path) -> None:
    unreachable = f"postgresql:///x?host={tmp_path}"
    schema = load_schema(
        "CREATE TABLE a AS SELECT 1 AS one", PATH, server_urls=[unreachable, server_url]
    )
    assert list(schema.tables) == [QualifiedName("public", "a")]


def test_scratch_database_is_dropped_after_success_and_failure(server_url: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as conn:
        before = set(conn.execute(DATABASES))
        load_schema(NEWEST, PATH, server_urls=[server_url])
        with pytest.raises(SchemaError):
            load_schema("CREATE TABEL a;", PATH, server_urls=[server_url])
        assert set(conn.execute(DATABASES)) <= before


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("CREATE TABLE é ();\nCREATE TABEL b ();\n", 2, "syntax error"),
        (f"{NEWEST}CREATE TABLE a (é missing);\n", 15, 'type "missing" does not exist'),
        (f"{NEWEST}CREATE TABEL a;\n", 15, "syntax error"),
        ("CREATE TABLE a (LIKE missing);", 1, '"missing" does not exist'),
    ],
)
def test_refusal_of_the_server_has_its_line_and_reason(
    server_url: str, text: str, line: int, reason: str
) -> None:
    with pytest.raises(SchemaError) as caught:
        load_schema(text, PATH, server_urls=[server_url])
    assert caught.value.line == line
    assert reason in caught.value.message


def test_loading_a_schema_creates_no_roles_and_databases(server_url: str) -> None:
    text = f"CREATE ROLE jobgen_reader;\nCREATE DATABASE jobgen_scratch_never;\n{NEWEST}"
    schema = load_schema(text, PATH, server_urls=[server_url])
    assert QualifiedName("public", "rooms") in schema.tables
    with psycopg.connect(server_url) as conn:
        assert (
            conn.execute("SELECT FROM pg_roles WHERE rolname = 'jobgen_reader'").fetchone() is None
        )


def test_text_that_pgparse_reads_imports_neither_driver_nor_server() -> None:
    code = (
        "import sys; from pathlib import PurePosixPath as P;"
        "from jobgen.schema.load import load_schema;"
        "import jobgen.columns.arguments, jobgen.job_block.context, jobgen.types_file;"
        "load_schema('CREATE TABLE a (id int)', P('S'));"
        "unwanted = {'psycopg', 'jobgen.postgres', 'jobgen_runtime.database'};"
        "print(sorted(unwanted & sys.modules.keys()))"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "[]"


def test_error_of_a_virtual_column_is_the_servers_reason() -> None:
    text = """
    CREATE TABLE a_jobs (
        status JOB_STATUS NOT NULL,
        done BOOLEAN GENERATED ALWAYS AS (status = 'job_status_succeeded') VIRTUAL
    );
    """
    with pytest.raises(SchemaError, match="user-defined type") as refused:
        load_schema(text, PATH)
    assert refused.value.line == 4


def test_scratch_server_is_the_postgresql_of_the_project(tmp_path: Path) -> None:
    programs = OLD_POSTGRES.require()
    (tmp_path / "pyproject.toml").write_text(
        f"[tool.jobgen.postgres]\nbin = '{programs}'\n[tool.jobgen]\n"
    )
    # Version 18 brought the function.
    text = "CREATE TABLE a AS SELECT array_reverse(ARRAY[1]) AS one"
    assert list(load_schema(text, PATH).tables) == [QualifiedName("public", "a")]
    with pytest.raises(SchemaError, match="array_reverse"):
        load_schema(text, PATH, root=tmp_path)
