"""A schema file is run as psql runs it, without statements that act outside the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import psycopg
import pytest
from jobgen_runtime.database import runtime_schema
from psycopg import sql

from jobgen.schema.errors import SchemaError
from jobgen.schema.introspect.run_schema import RunNotes, run_schema
from jobgen.schema.script.read import read_script
from tests.support.database import temporary_database

PATH = PurePosixPath("Application/Schema.sql")
Connection = psycopg.Connection[Any]
ROLES = "SELECT rolname FROM pg_roles WHERE rolname LIKE '%_of_scratch'"
TABLESPACES = "SELECT spcname FROM pg_tablespace WHERE spcname LIKE '%_of_scratch'"


@pytest.fixture
def scratch(database: str) -> Iterator[Connection]:
    """A connection to an empty database in autocommit mode, as a superuser.

    Roles and tablespaces whose names end in `_of_scratch` are dropped at the end.
    """
    with psycopg.connect(database, autocommit=True) as conn:
        yield conn
        if conn.closed:
            return
        conn.execute("RESET SESSION AUTHORIZATION")
        for (role,) in conn.execute(ROLES):
            drop = sql.SQL("DROP OWNED BY {0} CASCADE; DROP ROLE {0}")
            conn.execute(drop.format(sql.Identifier(role)))
        for (place,) in conn.execute(TABLESPACES):
            conn.execute("DROP TABLE IF EXISTS a, z")
            conn.execute(f"DROP TABLESPACE {place}".encode())


@pytest.fixture
def target(database: str, server_url: str) -> Iterator[Connection]:
    """A connection to an empty database as a role that owns only that database."""
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    role = f"owner_of_{name}"
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        admin.execute(
            sql.SQL("ALTER DATABASE {} OWNER TO {}").format(
                sql.Identifier(str(name)), sql.Identifier(role)
            )
        )
        try:
            with psycopg.connect(database, user=role, autocommit=True) as conn:
                yield conn
        finally:
            admin.execute(f"ALTER DATABASE {name} OWNER TO CURRENT_USER".encode())
            with psycopg.connect(database, autocommit=True) as owner:
                owner.execute(f"DROP OWNED BY {role} CASCADE".encode())
            admin.execute(f"DROP ROLE {role}".encode())


def run(conn: Connection, text: str, *, on_scratch: bool) -> RunNotes:
    return run_schema(conn, read_script(text, PATH), on_scratch=on_scratch)


def tables(conn: Connection) -> list[str]:
    query = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = "
    return [
        name for (name,) in conn.execute(f"{query}'public'::regnamespace ORDER BY relname".encode())
    ]


ANYWHERE = [
    "CREATE SCHEMA public;",
    "CREATE LANGUAGE plpgsql;",
    "CREATE OR REPLACE PROCEDURAL LANGUAGE plpgsql;",
    "CREATE EXTENSION IF NOT EXISTS plpgsql WITH SCHEMA pg_catalog;",
    "COMMENT ON EXTENSION plpgsql IS 'PL/pgSQL procedural language';",
    "SET transaction_timeout_of_tomorrow = 0;",
    "SET default_tablespace = 'ssd_of_tests';",
    "SET default_table_access_method = zheap;",
    "SET client_encoding = 'LATIN1';",
    "LOCK TABLE a;",
    "VACUUM;",
    "NOTIFY someone;",
    "ALTER SYSTEM SET work_mem = '64kB';",
    "CREATE DATABASE another;",
    "ALTER DATABASE another SET work_mem = '64kB';",
    "GRANT CONNECT ON DATABASE another TO PUBLIC;",
    "COMMENT ON DATABASE another IS 'x';",
    "CREATE ROLE someone_of_tests LOGIN;",
    "ALTER ROLE someone_of_tests SET work_mem = '64kB';",
    "GRANT someone_of_tests TO anyone_of_tests;",
    "COMMENT ON ROLE someone_of_tests IS 'x';",
    "GRANT SELECT (b) ON a TO someone_of_tests;",
    "REVOKE ALL ON a FROM someone_of_tests;",
    "ALTER TABLE a OWNER TO someone_of_tests;",
    "ALTER SCHEMA public OWNER TO someone_of_tests;",
    "ALTER DEFAULT PRIVILEGES FOR ROLE someone_of_tests GRANT SELECT ON TABLES TO PUBLIC;",
    "CREATE SCHEMA app AUTHORIZATION someone_of_tests;",
    "CREATE SCHEMA AUTHORIZATION someone_of_tests;",
    "SET ROLE someone_of_tests;",
    "SET SESSION AUTHORIZATION someone_of_tests;",
    "SECURITY LABEL ON TABLE a IS 'secret';",
    "ALTER TABLE a SET TABLESPACE ssd_of_tests;",
    "BEGIN; CREATE TABLE undone (); ROLLBACK;",
    "BEGIN; SAVEPOINT s; CREATE TABLE undone (); ROLLBACK TO SAVEPOINT s; COMMIT;",
    "START TRANSACTION; SET LOCAL work_mem = '1MB'; END;",
    "CREATE UNIQUE INDEX CONCURRENTLY a_b ON a (b); DROP INDEX CONCURRENTLY a_b;",
    "CREATE FUNCTION public.uuidv7() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()';",
    "COPY a (b) FROM stdin;\né\n\\N\n\\.\n",
]


@pytest.mark.parametrize("statement", ANYWHERE)
@pytest.mark.parametrize("where", ["scratch", "target", "target in a transaction"])
def test_file_with_statement_is_run(
    request: pytest.FixtureRequest, where: str, statement: str
) -> None:
    conn: Connection = request.getfixturevalue(where.split(maxsplit=1)[0])
    text = f"CREATE TABLE a (b text);\n{statement}\nCREATE TABLE z (i int DEFAULT length('é'));\n"
    if where.endswith("transaction"):
        with conn.transaction():
            run(conn, text, on_scratch=False)
            conn.execute("RESET SESSION AUTHORIZATION")
    elif where == "target":
        run(conn, text, on_scratch=False)
    else:
        run(conn, text.replace("_of_tests", "_of_scratch"), on_scratch=True)
    conn.execute("RESET SESSION AUTHORIZATION")
    assert tables(conn) == ["a", "z"]
    default = "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef"
    assert [row[0] for row in conn.execute(default)] == ["length('é'::text)"]
    if "COPY" in statement:
        assert conn.execute("SELECT b FROM a").fetchall() == [("é",), (None,)]
    if "SCHEMA app" in statement:
        assert conn.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'app'").fetchone()


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("CREATE ROLE x", "CREATE ROLE X"),
        ("create /* c */ role x", "CREATE ROLE X"),
        ("ALTER SYSTEM SET work_mem = 1", "ALTER SYSTEM SET WORK_MEM"),
        ("REASSIGN OWNED BY x TO y", "REASSIGN OWNED BY X TO"),
        ("DROP OWNED BY x", "DROP OWNED BY X"),
        ("REVOKE CONNECT, TEMP ON DATABASE x FROM PUBLIC", "REVOKE CONNECT TEMP ON DATABASE"),
        ("GRANT x TO y", "GRANT X TO Y"),
        ("CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p", "CREATE SUBSCRIPTION S"),
        ("SET ROLE missing_of_tests", "SET ROLE MISSING_OF_TESTS"),
    ],
)
def test_statement_that_is_not_run_on_the_target_is_noted(
    target: Connection, statement: str, words: str
) -> None:
    (note,) = run(target, f"CREATE TABLE a ();\n{statement};\n", on_scratch=False).passed_over
    assert note.line == 2
    assert note.statement.startswith(words)
    assert str(note).startswith(f"Application/Schema.sql:2: {words}")
    assert note.reason in str(note)


def test_scratch_server_gets_the_roles_and_tablespaces_that_the_file_names(
    scratch: Connection,
) -> None:
    role, place = 'Role "1"_of_scratch', "place_of_scratch"
    quoted = sql.Identifier(role).as_string(scratch)
    text = f"""
    BEGIN;
    CREATE TABLE a (b int) TABLESPACE {place};
    ALTER TABLE a OWNER TO {quoted};
    CREATE POLICY p ON a TO {quoted};
    COMMIT;
    SET ROLE {quoted};
    CREATE TABLE c ();
    DO $$ BEGIN EXECUTE 'GRANT SELECT ON c TO {quoted.replace("'", "''")}'; END $$;
    """
    assert not run(scratch, text, on_scratch=True).passed_over
    scratch.execute("RESET ROLE")
    query = "SELECT tablename, tableowner, tablespace FROM pg_tables WHERE schemaname = 'public'"
    assert set(scratch.execute(query)) == {("a", role, place), ("c", role, None)}


def test_schema_of_a_missing_owner_is_created_and_noted(target: Connection) -> None:
    text = "CREATE SCHEMA IF NOT EXISTS app AUTHORIZATION missing_of_tests;"
    (note,) = run(target, text, on_scratch=False).passed_over
    assert "run without its owner" in str(note)
    assert "missing_of_tests" in str(note)


def test_policy_for_a_missing_role_is_an_error_on_the_target(target: Connection) -> None:
    text = "CREATE TABLE a ();\nCREATE POLICY p ON a TO missing_of_tests;"
    with pytest.raises(SchemaError, match="missing_of_tests") as caught:
        run(target, text, on_scratch=False)
    assert caught.value.line == 2


def test_transaction_that_the_file_leaves_open_is_rolled_back(scratch: Connection) -> None:
    text = "CREATE TABLE a ();\nBEGIN;\nCREATE TABLE b ();"
    (note,) = run(scratch, text, on_scratch=True).passed_over
    assert tables(scratch) == ["a"]
    assert (note.line, note.outcome) == (2, "rolled back with all that follows")
    scratch.execute("DROP TABLE a")
    with scratch.transaction():
        (note,) = run(scratch, text, on_scratch=False).passed_over
    assert tables(scratch) == ["a"]
    assert note.line == 2


def test_scratch_server_writes_no_files(scratch: Connection, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    path = tmp_path / "written"
    text = r"""
    CREATE TABLE a (b text);
    COPY a FROM PROGRAM 'touch PATH';
    COPY a TO 'PATH' WITH (FORMAT csv);
    COPY (SELECT 1) TO 'PATH';
    COPY a (b) FROM stdin;
x
\.
    """.replace("PATH", str(path))
    notes = run(scratch, text, on_scratch=True).passed_over
    assert [note.line for note in notes] == [3, 4, 5]
    assert not path.exists()
    assert scratch.execute("SELECT b FROM a").fetchall() == [("x",)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SELECT 1 WHERE false \\gset", "returned no rows"),
        ("SELECT generate_series(1, 2) \\gset", "returned more than one row"),
        ("SELECT 'CREATE TABEL a ()' \\gexec", "in what \\gexec runs: CREATE TABEL a ()"),
    ],
)
def test_result_that_cannot_be_used_is_an_error_of_its_query(
    scratch: Connection, text: str, reason: str
) -> None:
    with pytest.raises(SchemaError) as caught:
        run(scratch, f"SELECT 1;\n{text}\n", on_scratch=True)
    assert reason in caught.value.reason
    assert (caught.value.line, caught.value.column) == (2, 1)


def test_executed_statements_of_the_whole_server_are_passed_over(scratch: Connection) -> None:
    text = "SELECT 'CREATE DATABASE executed', 'CREATE TABLE a ()' \\gexec\n"
    (note,) = run(scratch, text, on_scratch=True).passed_over
    assert (note.line, note.statement) == (1, "CREATE DATABASE EXECUTED")
    assert tables(scratch) == ["a"]


def test_foreign_schema_is_not_imported_on_a_scratch_server(scratch: Connection) -> None:
    text = """
    CREATE EXTENSION postgres_fdw;
    CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '/nowhere');
    CREATE USER MAPPING FOR PUBLIC SERVER other;
    IMPORT FOREIGN SCHEMA public FROM SERVER other INTO public;
    """
    (note,) = run(scratch, text, on_scratch=True).passed_over
    assert (note.line, note.statement) == (5, "IMPORT FOREIGN SCHEMA PUBLIC FROM")


def test_views_of_unreachable_servers_are_created_without_rows_on_a_scratch_server(
    scratch: Connection,
) -> None:
    text = """
    CREATE EXTENSION dblink;
    CREATE VIEW ids AS SELECT id FROM dblink('host=/nowhere', 'SELECT 1') AS other (id int);
    CREATE MATERIALIZED VIEW stored AS SELECT id FROM ids;
    CREATE TABLE copied AS SELECT id FROM ids;
    BEGIN;
    SELECT count(*) FROM ids;
    CREATE TABLE a ();
    COMMIT;
    """
    (note,) = run(scratch, text, on_scratch=True).passed_over
    assert (note.line, note.reason) == (7, "a throwaway server connects to no other one")
    assert tables(scratch) == ["a", "copied"]
    assert scratch.execute("SELECT to_regclass('stored') IS NOT NULL").fetchone() == (True,)
    with pytest.raises(SchemaError, match="could not establish connection"):
        run(scratch, "SELECT count(*) FROM ids;", on_scratch=False)


def test_rows_that_need_more_than_a_development_extension_are_passed_over_on_scratch(
    scratch: Connection,
) -> None:
    insert = "INSERT INTO a VALUES (crypt('', ''));"
    text = f"CREATE EXTENSION pgcrypto;\nCREATE TABLE a (b text);\n{insert}"
    (note,) = run(scratch, text, on_scratch=True).passed_over
    assert note.line == 3
    assert note.reason == "crypt is not available in jobgen's development version of pgcrypto"
    with pytest.raises(SchemaError, match="crypt is not available") as caught:
        run(scratch, insert, on_scratch=False)
    assert "[tool.jobgen.postgres] bin" in str(caught.value.hint)
    assert "DATABASE_URL" in str(caught.value.hint)


def test_lost_connection_is_reported_with_its_reason(scratch: Connection) -> None:
    text = "BEGIN;\nSELECT pg_terminate_backend(pg_backend_pid());"
    with pytest.raises(SchemaError, match="terminating connection") as caught:
        run(scratch, text, on_scratch=True)
    assert caught.value.line == 2


def test_error_in_rows_names_the_row(scratch: Connection) -> None:
    text = "CREATE TABLE a (b int);\nCOPY a FROM stdin;\n1\nx\n\\.\n"
    with pytest.raises(SchemaError, match=r"\(row 2\)") as caught:
        run(scratch, text, on_scratch=True)
    assert caught.value.line == 2


def test_error_in_an_included_file_has_its_place(scratch: Connection, tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("SELECT 1;\nCREATE TABEL x;")
    script = read_script("\\i a.sql\n", PATH, tmp_path)
    with pytest.raises(SchemaError) as caught:
        run_schema(scratch, script, on_scratch=True)
    assert caught.value.message.startswith("a.sql:2:8: ")


def test_dump_of_the_runtimes_own_objects_is_passed_over(scratch: Connection) -> None:
    scratch.execute(runtime_schema().encode())
    text = """
    CREATE TYPE public.job_status AS ENUM ('job_status_not_started');
    CREATE FUNCTION public.wake_job_workers() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END';
    CREATE TABLE public.job_runtime_schema (version int, singleton boolean);
    ALTER TABLE ONLY public.job_runtime_schema ADD CONSTRAINT k PRIMARY KEY (singleton);
    COPY public.job_runtime_schema (version, singleton) FROM stdin;
2\tt
\\.
    """
    notes = run(scratch, text, on_scratch=False)
    assert [note.line for note in notes.passed_over] == [2, 3, 4, 5, 6]


def test_users_own_type_with_the_name_of_the_runtimes_is_an_error(scratch: Connection) -> None:
    scratch.execute(runtime_schema().encode())
    with pytest.raises(SchemaError, match="already exists"):
        run(scratch, "CREATE TYPE job_status AS ENUM ('open');", on_scratch=False)


def test_missing_extension_has_a_way_out_on_the_scratch_server(scratch: Connection) -> None:
    with pytest.raises(SchemaError) as caught:
        run(scratch, "CREATE EXTENSION nowhere_to_be_found;", on_scratch=True)
    assert "[tool.jobgen.postgres] bin" in str(caught.value.hint)


def test_rows_and_text_reach_a_database_of_another_encoding(server_url: str) -> None:
    with temporary_database(server_url) as url:
        name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        with psycopg.connect(server_url, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name}".encode())
            create = f"CREATE DATABASE {name} TEMPLATE template0 ENCODING LATIN1 LOCALE 'C'"
            admin.execute(create.encode())
        with psycopg.connect(url, autocommit=True, client_encoding="latin1") as conn:
            text = "CREATE TABLE a (b text DEFAULT 'ü'); COPY a FROM stdin;\né\n\\.\n"
            run(conn, text, on_scratch=True)
            conn.execute("INSERT INTO a DEFAULT VALUES")
            lengths = conn.execute("SELECT octet_length(b) FROM a").fetchall()
            assert lengths == [(1,), (1,)]
