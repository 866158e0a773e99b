"""A server reads the Schema.sql that pgparse cannot read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path, PurePosixPath

import psycopg
import pytest

from jobgen.schema.errors import SchemaError
from jobgen.schema.introspect.catalog import read_catalog
from jobgen.schema.load import load_schema
from jobgen.schema.model import QualifiedName, Schema
from jobgen.schema.parse.reader import read_schema
from jobgen.schema.script.read import read_script
from tests.support.programs import OLD_POSTGRES
from tests.support.tree import write_tree

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
# A project whose PostgreSQL cannot be started.
NO_SERVER = {"pyproject.toml": b'[tool.jobgen.postgres]\nbin = "/nowhere"\n'}


def column(schema: Schema, table: str, name: str) -> object:
    return schema.tables[QualifiedName("public", table)].column(name)


def load(text: str, root: Path) -> Schema:
    return load_schema(text, PATH, root)


def test_syntax_of_postgresql_18_is_read_by_a_server(tmp_path: Path) -> None:
    with pytest.raises(SchemaError):
        read_schema(NEWEST, PATH)
    schema = load(NEWEST, tmp_path)
    virtual = column(schema, "rooms", "doubled")
    plain = read_schema(
        "CREATE TABLE rooms (doubled int GENERATED ALWAYS AS (1) STORED)", PATH
    ).tables[QualifiedName("public", "rooms")]
    assert virtual == plain.columns[0]
    assert [name.name for name in schema.tables] == ["bookings", "reports_jobs", "rooms"]


def test_table_with_a_deeply_nested_check_is_read_by_a_server(tmp_path: Path) -> None:
    deep = "+".join(["n"] * 2000)
    schema = load(f"CREATE TABLE a (n int CHECK ({deep} > 0));", tmp_path)
    assert column(schema, "a", "n") is not None


BASE = """
CREATE TYPE mood AS ENUM ('sad');
CREATE TABLE a (id int, b mood, size int, doubled int GENERATED ALWAYS AS (size * 2) STORED);
CREATE FUNCTION make(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN EXECUTE format('CREATE TABLE %I (made int)', name); END $$;
CREATE PROCEDURE make_procedure() LANGUAGE sql AS 'ALTER TABLE a ADD COLUMN made int';
CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE SEQUENCE numbers;
"""


@pytest.mark.parametrize(
    "statement",
    [
        "DO $$ BEGIN CREATE TYPE shade AS ENUM ('red'); END $$; CREATE TABLE c (s shade);",
        "DO $$ BEGIN EXECUTE 'CREATE TABLE c (d int)'; END $$;",
        "SELECT make('c');",
        "SELECT * FROM make('c') AS made;",
        "CALL make_procedure();",
        "BEGIN; CREATE TABLE c (); ROLLBACK;",
        "BEGIN; CREATE TABLE c (); COMMIT; START TRANSACTION; SAVEPOINT s; CREATE TABLE d ();",
        "BEGIN; SAVEPOINT s; CREATE TABLE c (); ROLLBACK TO s; COMMIT;",
        "BEGIN; SET LOCAL search_path = pg_catalog; COMMIT; CREATE TABLE c (b mood);",
        "CREATE TABLE pg_temp.c (d int);",
        "SET search_path = pg_temp, public; CREATE TABLE c (d int);",
        "SELECT set_config('search_path', 'pg_catalog', true); CREATE TABLE c (d int);",
        "CREATE TABLE c AS SELECT 1 AS d, b FROM a;",
        "ALTER TABLE a ALTER id SET DEFAULT one(); DROP FUNCTION one() CASCADE;",
        "ALTER TABLE a ALTER id SET DEFAULT nextval('numbers'); DROP SEQUENCE numbers CASCADE;",
        "ALTER TABLE a DROP COLUMN size CASCADE;",
        "CREATE TYPE t AS (d int); CREATE TABLE c OF t; ALTER TABLE c NOT OF;",
        "SET standard_conforming_strings = off; CREATE TABLE c (d text DEFAULT 'it\\'s');",
    ],
)
def test_schema_is_that_of_a_server_that_ran_the_file(
    database: str, tmp_path: Path, statement: str
) -> None:
    with psycopg.connect(database, autocommit=True) as conn:
        for part in read_script(BASE + statement, PATH).statements():
            conn.execute(part.text.encode())
        conn.execute("ROLLBACK")
        conn.execute("RESET ALL")
        expected = read_catalog(conn)
    schema = load(BASE + statement, tmp_path)
    assert schema.tables == expected.tables
    assert schema.types == expected.types
    assert not schema.notes


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT pg_catalog.setval('numbers', 7, true), set_config('search_path', 'public', false);",
        "DO $$ BEGIN RAISE NOTICE 'done'; END $$;",
        "BEGIN; CREATE TABLE c (); COMMIT;",
        "INSERT INTO a VALUES (1);",
    ],
)
def test_text_without_open_questions_is_read_without_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    write_tree(tmp_path, NO_SERVER)
    assert not load(BASE + statement, tmp_path).notes


def test_tables_that_psql_creates_from_results_are_read(tmp_path: Path) -> None:
    text = (
        "SELECT 'CREATE TABLE executed (id int)' \\gexec\n"
        "SELECT true AS holds, 'stored' AS name \\gset\n"
        "\\if :holds\nCREATE TABLE :name (id int);\n\\endif\n"
    )
    names = {name.name for name in load(text, tmp_path).tables}
    assert names == {"executed", "stored"}


def test_results_that_no_server_can_determine_are_noted(tmp_path: Path) -> None:
    write_tree(tmp_path, NO_SERVER)
    schema = load(f"{BASE}\nSELECT 1 AS one \\gset\nCREATE TABLE never ();", tmp_path)
    (note,) = schema.notes
    assert "what \\gset does depends on the result of a query" in note
    assert "never" not in {name.name for name in schema.tables}


def test_statements_that_no_server_can_run_are_noted(tmp_path: Path) -> None:
    write_tree(tmp_path, NO_SERVER)
    schema = load("CREATE TABLE a ();\nDO $$ BEGIN CREATE TABLE b (); END $$;", tmp_path)
    assert list(schema.tables) == [QualifiedName("public", "a")]
    (note,) = schema.notes
    assert note.startswith("Schema.sql:2: a DO block may create or change tables and types.")
    assert "nowhere" in note


def test_text_that_only_a_server_can_read_is_refused_without_one(tmp_path: Path) -> None:
    write_tree(tmp_path, NO_SERVER)
    with pytest.raises(SchemaError) as caught:
        load("CREATE TABLE a AS SELECT 1 AS one", tmp_path)
    assert "nowhere" in str(caught.value.hint)


def test_refusal_of_a_statement_in_doubt_is_noted(tmp_path: Path) -> None:
    text = "CREATE TABLE a ();\nCREATE EXTENSION nowhere;\nDO $$ BEGIN CREATE TABLE b (); END $$;"
    (note,) = load(text, tmp_path).notes
    assert note.startswith("Schema.sql:3: ")
    assert "Schema.sql:2:1" in note


def test_included_files_are_read(tmp_path: Path) -> None:
    write_tree(tmp_path, {"tables/a.sql": b"CREATE TABLE a (b int);"})
    schema = load("\n\\ir tables/a.sql\nCREATE TABLE c ();", tmp_path)
    lines = {name.name: table.line for name, table in schema.tables.items()}
    assert lines == {"a": 2, "c": 3}


def test_error_of_an_included_file_names_it(tmp_path: Path) -> None:
    write_tree(tmp_path, {"tables/a.sql": b"CREATE TABLE a ();\nCREATE TABEL b ();"})
    with pytest.raises(SchemaError) as caught:
        load("\\ir tables/a.sql\n", tmp_path)
    assert caught.value.message.startswith("tables/a.sql:2:8: syntax error")


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
    tmp_path: Path, text: str, line: int, reason: str
) -> None:
    with pytest.raises(SchemaError) as caught:
        load(text, tmp_path)
    assert caught.value.line == line
    assert reason in caught.value.message


HOSTILE = """
CREATE ROLE jobgen_reader;
CREATE DATABASE jobgen_other;
ALTER SYSTEM SET work_mem = '64kB';
REASSIGN OWNED BY jobgen_reader TO jobgen_writer;
DROP OWNED BY jobgen_writer;
GRANT CREATE ON DATABASE postgres TO jobgen_reader;
REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;
COMMENT ON DATABASE postgres IS 'read by jobgen';
DO $$ BEGIN CREATE ROLE jobgen_made; EXECUTE 'ALTER DATABASE postgres SET work_mem = 64'; END $$;
CREATE EXTENSION dblink;
SELECT dblink_exec('dbname=postgres', 'CREATE TABLE jobgen_made ()');
"""
SHARED = """
SELECT array(SELECT r::text FROM pg_roles AS r ORDER BY 1),
    array(SELECT d::text FROM pg_database AS d WHERE datname NOT LIKE 'test_%' ORDER BY 1),
    array(SELECT s::text FROM pg_db_role_setting AS s ORDER BY 1),
    array(SELECT a::text FROM pg_file_settings AS a ORDER BY 1),
    array(SELECT c.oid::text FROM pg_class AS c WHERE relname LIKE 'jobgen%' ORDER BY 1)
"""


def test_loading_a_schema_never_reaches_the_server_of_the_application(
    server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", server_url)
    write_tree(tmp_path, {".jobgen/database_url": server_url.encode()})
    with psycopg.connect(server_url, autocommit=True) as conn:
        before = conn.execute(SHARED).fetchone()
        assert not load(f"{HOSTILE}{NEWEST}", tmp_path).notes
        assert conn.execute(SHARED).fetchone() == before


def test_text_that_pgparse_reads_imports_neither_driver_nor_server() -> None:
    code = (
        "import sys; from pathlib import Path, PurePosixPath as P;"
        "from jobgen.schema.load import load_schema;"
        "import jobgen.columns.arguments, jobgen.job_block.context, jobgen.types_file;"
        "load_schema('CREATE TABLE a (id int)', P('S'), Path('.'));"
        "unwanted = {'psycopg', 'jobgen.postgres', 'jobgen_runtime.database'};"
        "print(sorted(unwanted & sys.modules.keys()))"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "[]"


def test_error_of_a_virtual_column_is_the_servers_reason(tmp_path: Path) -> None:
    text = """
    CREATE TABLE a_jobs (
        status JOB_STATUS NOT NULL,
        done BOOLEAN GENERATED ALWAYS AS (status = 'job_status_succeeded') VIRTUAL
    );
    """
    with pytest.raises(SchemaError, match="user-defined type") as refused:
        load(text, tmp_path)
    assert refused.value.line == 4


def test_scratch_server_is_the_postgresql_of_the_project(tmp_path: Path) -> None:
    programs = OLD_POSTGRES.require()
    # Version 18 brought the function.
    text = "CREATE TABLE a AS SELECT array_reverse(ARRAY[1]) AS one"
    assert list(load(text, tmp_path).tables) == [QualifiedName("public", "a")]
    (tmp_path / "pyproject.toml").write_text(
        f"[tool.jobgen.postgres]\nbin = '{programs}'\n[tool.jobgen]\n"
    )
    with pytest.raises(SchemaError, match="array_reverse"):
        load(text, tmp_path)
