"""The command `jobgen migrate`."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from jobgen.postgres import Server, project_binaries
from tests.migrate.databases import Application

BANDS = "CREATE TABLE bands (\n    id INT PRIMARY KEY,\n    name TEXT\n);\n"
COUNT = """
CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM bands; END;
"""


def test_first_migrate_adds_and_second_migrate_changes_nothing(application: Application) -> None:
    application.write_schema(BANDS)
    first = application.jobgen()
    assert first.returncode == 0, first.stderr
    assert "CREATE TABLE bands (" in first.stdout
    assert "done    everything in Application/Schema.sql" in first.stdout
    second = application.jobgen()
    assert second.returncode == 0
    assert second.stdout == (
        "Nothing to do: the database has everything in Schema.sql. Not compared: owners, grants,"
        " comments and rows.\n"
    )


def test_dry_run_prints_sql_that_psql_can_run(application: Application) -> None:
    application.write_schema(BANDS)
    application.jobgen()
    application.database.execute("INSERT INTO bands VALUES (1, 'a')")
    schema = BANDS.replace("TEXT", "TEXT, mood mood") + COUNT + "CREATE INDEX n ON bands (name);"
    application.write_schema("CREATE TYPE mood AS ENUM ('a');" + schema)
    application.jobgen()
    application.write_schema("CREATE TYPE mood AS ENUM ('a', 'b');" + schema + "CREATE TABLE t ();")
    dry = application.jobgen("--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert application.database.execute("SELECT to_regclass('t')") == [(None,)]
    ran = subprocess.run(
        [
            *(project_binaries(Path.cwd()).program("psql"), "--no-psqlrc", "-v", "ON_ERROR_STOP=1"),
            *("-d", application.database.url),
        ],
        input=dry.stdout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert application.jobgen("--check").returncode == 0


def test_dry_run_in_new_project_creates_no_files(application: Application) -> None:
    application.write_schema(BANDS)
    before = sorted(application.root.rglob("*"))
    dry = application.jobgen("--dry-run", DATABASE_URL="")
    assert dry.returncode == 0, dry.stderr
    assert "CREATE TABLE bands (" in dry.stdout
    assert sorted(application.root.rglob("*")) == before


def test_check_exits_with_3_while_the_database_differs(application: Application) -> None:
    application.write_schema(BANDS)
    pending = application.jobgen("--check")
    assert pending.returncode == 3
    assert "everything in Application/Schema.sql" in pending.stdout
    application.jobgen()
    assert application.jobgen("--check").returncode == 0
    application.write_schema(BANDS.replace("TEXT", "VARCHAR(9)"))
    altered = application.jobgen("--check")
    assert altered.returncode == 3
    assert "column bands.name: differs" in altered.stderr
    assert "in the database: name text\n" in altered.stderr
    assert "in Schema.sql:   name character varying(9)\n" in altered.stderr


def test_migrate_applies_additions_and_exits_with_3_for_alterations(
    application: Application,
) -> None:
    application.write_schema(BANDS)
    application.jobgen()
    application.write_schema(BANDS.replace("TEXT", "VARCHAR(9)") + "CREATE TABLE t ();")
    result = application.jobgen()
    assert result.returncode == 3
    assert "done    table t" in result.stdout
    assert "in Schema.sql:   name character varying(9)\n" in result.stderr


def test_error_in_schema_is_shown_with_its_line(application: Application) -> None:
    application.write_schema(BANDS + "CREATE TABLE x (\n    y INTT\n);\n")
    for arguments in ((), ("--check",), ("--dry-run",)):
        result = application.jobgen(*arguments)
        assert result.returncode == 1
        assert 'Application/Schema.sql:6:7: type "intt" does not exist' in result.stderr
        assert "    y INTT\n" in result.stderr
        assert "Traceback" not in result.stderr
    assert application.database.execute("SELECT to_regclass('bands')") == [(None,)]


def test_json_option_prints_one_json_document(application: Application) -> None:
    application.write_schema(BANDS)
    for arguments, applied in ((("--dry-run", "--json"), False), (("--json",), True)):
        document = json.loads(application.jobgen(*arguments).stdout)
        assert document["applied"] is applied
        assert [addition["what"] for addition in document["additions"]] == [
            "the runtime's own schema",
            "everything in Application/Schema.sql",
        ]


def test_files_of_write_migrate_a_database_by_psql(application: Application) -> None:
    application.write_schema(BANDS)
    application.jobgen()
    application.database.execute("INSERT INTO bands VALUES (1, 'a')")
    application.write_schema(BANDS + "CREATE TABLE t ();CREATE INDEX n ON bands (name);")
    folder = application.root / "Application/Migration"
    folder.mkdir()
    (folder / "0007-before.sql").write_text("SELECT 1;\n")
    written = application.jobgen("--write", "add-t")
    assert written.returncode == 0, written.stderr
    names = ["0007-before.sql", "0008-add-t.sql", "0009-add-t-concurrently.sql"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert application.database.execute("SELECT to_regclass('t')") == [(None,)]
    assert "Nothing to write." in application.jobgen("--write", "add-t").stdout
    for name in names[1:]:
        subprocess.run(
            [
                *(project_binaries(Path.cwd()).program("psql"), "--quiet", "-v", "ON_ERROR_STOP=1"),
                *("-d", application.database.url, "-f", folder / name),
            ],
            check=True,
        )
    assert application.jobgen("--check").returncode == 0


def test_write_names_the_first_migration_by_the_time(application: Application) -> None:
    application.write_schema(BANDS)
    application.jobgen("--write", "first")
    names = sorted(path.name for path in (application.root / "Application/Migration").iterdir())
    assert [name[14:] for name in names] == ["-first-jobgen-runtime.sql", "-first.sql"]
    assert all(name[:14].isdecimal() for name in names)


def test_write_refuses_names_that_cannot_be_part_of_a_file_name(application: Application) -> None:
    for name in ("", "a/b", "..", "a b", "ä", "x" * 300):
        result = application.jobgen("--write", name)
        assert result.returncode == 2, name
        assert "Traceback" not in result.stderr
    assert application.jobgen("--write", "a", "--dry-run").returncode == 2
    assert not (application.root / "Application/Migration").exists()


def test_unreadable_schema_file_is_an_error(application: Application) -> None:
    schema = application.root / "Application/Schema.sql"
    schema.write_bytes(b"-- \xff")
    assert "not UTF-8" in application.jobgen().stderr
    schema.unlink()
    missing = application.jobgen()
    assert missing.returncode == 1
    assert "There is no Application/Schema.sql." in missing.stderr
    schema.mkdir()
    assert application.jobgen().returncode == 1


def test_unreachable_or_invalid_database_url_is_an_error(application: Application) -> None:
    for url in ("postgresql://127.0.0.1:1/x", "mysql://x", "no address", "postgresql://%zz"):
        result = application.jobgen(DATABASE_URL=url)
        assert result.returncode == 1, url
        assert "Traceback" not in result.stderr


def test_database_url_may_name_sqlalchemys_driver(application: Application) -> None:
    application.write_schema(BANDS)
    url = application.database.url
    if "://" not in url:  # a conninfo: write it as an address
        parts = dict(part.split("=", 1) for part in url.split())
        url = f"postgresql://{parts['user']}@/{parts['dbname']}?host={parts['host']}"
    spelled = url.replace("postgresql://", "postgresql+psycopg://", 1)
    assert application.jobgen(DATABASE_URL=spelled).returncode == 0


def test_alembic_and_django_projects_get_advice(application: Application) -> None:
    application.write_schema(BANDS)
    (application.root / "alembic.ini").write_text("")
    assert "op.execute" in application.jobgen("--dry-run").stderr
    (application.root / "alembic.ini").unlink()
    (application.root / "manage.py").write_text("")
    assert "migrations.RunSQL" in application.jobgen("--dry-run").stderr


def test_migrate_starts_the_projects_own_server(application: Application) -> None:
    application.write_schema(BANDS)
    try:
        first = application.jobgen(DATABASE_URL="")
        assert "which was started for this" in first.stderr
        assert (application.root / ".jobgen/database_url").exists()
        assert "Nothing to do" in application.jobgen(DATABASE_URL="").stdout
        Server(application.root).stop()
        checked = application.jobgen("--check", DATABASE_URL="")
        assert checked.returncode == 0, checked.stderr
        assert not Server(application.root).status().running
    finally:
        remove_server(application.root)


def remove_server(root: Path) -> None:
    """Stop the project's server, and remove data that it keeps outside of the project."""
    server = Server(root)
    server.stop()
    data = server.status().data
    if data is not None and not data.is_relative_to(root):
        subprocess.run(["rm", "-rf", data.parent], check=True)


def test_database_can_be_migrated_after_a_migrate_was_killed(application: Application) -> None:
    application.write_schema(BANDS + "SELECT pg_sleep(60);")
    with application.popen() as process:
        database = application.database
        while not database.execute(
            "SELECT 1 FROM pg_stat_activity WHERE query ~ '^SELECT pg_sleep\\(60'"
        ):
            assert process.poll() is None
        os.kill(process.pid, 9)
    application.write_schema(BANDS)
    assert application.jobgen().returncode == 0
