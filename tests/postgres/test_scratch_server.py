"""A scratch server reaches no other server, and is copied from a template."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from jobgen.postgres import scratch_server, system_folders, temporary_server
from jobgen.postgres.account import server_account
from jobgen.postgres.confinement import landlock_version
from jobgen.postgres.embedded import embedded_binaries
from tests.postgres.projects import socket_folder_of
from tests.postgres.users import User


@pytest.fixture(scope="module")
def scratch_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with scratch_server(tmp_path_factory.mktemp("project")) as url:
        yield url


@pytest.fixture(scope="module")
def open_url() -> Iterator[str]:
    """The address of a server that asks for no password, with the database `precious`."""
    with temporary_server() as url:
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute("CREATE DATABASE precious")
        yield make_conninfo(url, dbname="precious")


REACHING = {
    "dblink": "SELECT dblink_exec('{address}', 'CREATE TABLE made ()')",
    "a view of dblink": """
        CREATE VIEW reaching AS SELECT id
            FROM dblink('{address}', 'CREATE TABLE made ()') AS made (id text);
        SELECT id FROM reaching
    """,
    "postgres_fdw": """
        CREATE SERVER open FOREIGN DATA WRAPPER postgres_fdw OPTIONS ({options});
        CREATE USER MAPPING FOR PUBLIC SERVER open OPTIONS (user 'postgres');
        CREATE FOREIGN TABLE made (id oid) SERVER open
            OPTIONS (schema_name 'pg_catalog', table_name 'pg_class');
        SELECT id FROM made
    """,
    "a subscription": """
        CREATE SUBSCRIPTION reaching CONNECTION '{address}' PUBLICATION other
            WITH (create_slot = false, slot_name = 'reaching')
    """,
    "a program": """
        CREATE TABLE made ();
        COPY made FROM PROGRAM '"{psql}" "{address}" -c "CREATE TABLE made ()"'
    """,
    "a program's own connection": """
        CREATE TABLE made ();
        COPY made FROM PROGRAM 'env -i "{psql}" "{address}" -c "CREATE TABLE made ()"'
    """,
}
"""Ways to another server that asks its clients for no credentials."""


@pytest.mark.parametrize("overrides", ["", " gssencmode=disable"], ids=["plain", "overriding"])
@pytest.mark.parametrize("way", REACHING)
def test_scratch_server_reaches_no_server_that_asks_for_no_password(
    scratch_url: str, open_url: str, way: str, overrides: str
) -> None:
    if overrides and sys.platform != "linux":
        pytest.skip("only Linux refuses what a connection string allows")
    assert not _reaches(scratch_url, open_url, REACHING[way], overrides)


def test_clients_of_a_scratch_server_connect_to_nothing_where_it_is_not_confined(
    tmp_path: Path, open_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobgen.postgres.temporary.confined", lambda start, _folder: start())
    monkeypatch.setenv("PGHOST", str(socket_folder_of(open_url)))
    monkeypatch.setenv("PGDATABASE", "precious")
    with scratch_server(tmp_path) as url:
        assert not _reaches(url, open_url, REACHING["dblink"], "")
        # Without a host, it is the server itself, whatever the caller's environment says.
        with (
            psycopg.connect(url, autocommit=True) as conn,
            pytest.raises(psycopg.Error, match="precious"),
        ):
            conn.execute("SELECT dblink_connect('gssencmode=disable dbname=precious')")
        assert _reaches(url, open_url, REACHING["dblink"], " gssencmode=disable")


def _reaches(scratch_url: str, open_url: str, statements: str, overrides: str) -> bool:
    """Return whether statements reach another server, which then has a table."""
    host = socket_folder_of(open_url)
    address = f"host={host} dbname=precious user=postgres{overrides}"
    options = f"host '{host}', dbname 'precious'"
    options += ", gssencmode 'disable'" if overrides else ""
    psql = embedded_binaries(server_account()).program("psql")
    text = statements.format(address=address, options=options, psql=psql)
    with psycopg.connect(scratch_url, autocommit=True) as conn:
        conn.execute("CREATE EXTENSION IF NOT EXISTS dblink")
        conn.execute("CREATE EXTENSION IF NOT EXISTS postgres_fdw")
        message = ""
        try:
            with conn.transaction(force_rollback=True):
                for statement in text.split(";\n"):
                    conn.execute(statement.encode())
        except psycopg.Error as error:
            message = str(error)
    if not message:
        return True
    assert re.search("connect|exited with", message), message
    with psycopg.connect(open_url) as conn:
        return conn.execute("SELECT to_regclass('made')").fetchone() != (None,)


@pytest.mark.skipif(landlock_version() < 6, reason="needs Linux 6.12 with Landlock")
def test_scratch_server_writes_no_file_elsewhere_and_sends_no_signal(user: User) -> None:
    result = user.run(
        f"""
from jobgen.postgres import scratch_server
with scratch_server(Path.cwd()) as url, psycopg.connect(url, autocommit=True) as conn:
    for statement in (
        "COPY (SELECT 1) TO PROGRAM 'cat > written'",
        "COPY (SELECT 1) TO PROGRAM 'cat > written; kill -0 $PPID'",
        "COPY (SELECT 1) TO '{user.folder}/written'",
        "COPY (SELECT 1) TO PROGRAM 'cat > {user.folder}/written'",
        "COPY (SELECT 1) TO PROGRAM 'cat > written; mv written {user.folder}'",
        "SELECT lo_export(lo_from_bytea(0, 'x'), '{user.folder}/written')",
        f"COPY (SELECT 1) TO PROGRAM 'cat > written; kill -0 {{os.getpid()}}'",
    ):
        try:
            conn.execute(statement)
        except psycopg.Error as error:
            print(str(error).splitlines()[0])
        else:
            print("done")
"""
    )
    outcomes = result.stdout.splitlines()
    assert outcomes[:2] == ["done", "done"], result.stderr
    assert len(outcomes) == 7
    assert "done" not in outcomes[2:]
    assert not (user.folder / "written").exists()


def test_server_does_not_inherit_the_variables_of_its_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret@production/shop")
    with scratch_server(tmp_path) as url, psycopg.connect(url, autocommit=True) as conn:
        conn.execute("CREATE TABLE variables (line text)")
        conn.execute("COPY variables FROM PROGRAM 'env'")
        assert conn.execute("SELECT count(*) > 0 FROM variables").fetchone() == (True,)
        found = conn.execute("SELECT line FROM variables WHERE line ~ 'secret'").fetchall()
        assert found == []


def test_scratch_server_has_no_tcp_port(scratch_url: str) -> None:
    with psycopg.connect(scratch_url) as conn:
        assert conn.execute("SHOW listen_addresses").fetchone() == ("",)


def test_scratch_server_does_not_use_the_database_of_the_project(project: Path) -> None:
    with scratch_server(project):
        assert not (project / ".jobgen").exists()


def test_second_server_is_copied_from_the_template_of_the_first(
    open_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = open_folder / "cache"
    cache.mkdir()
    cache.chmod(0o755)
    monkeypatch.setattr("jobgen.postgres.template.state_folder", lambda _: cache)
    identifiers = set()
    for _ in range(2):
        with scratch_server(tmp_path) as url, psycopg.connect(url) as conn:
            identifiers.add(
                conn.execute("SELECT system_identifier FROM pg_control_system()").fetchone()
            )
    assert len(identifiers) == 1
    (template,) = cache.glob("cluster-*/data")
    assert not (template / "postmaster.pid").exists()
    assert stat.S_IMODE(template.stat().st_mode) == 0o700


def test_interrupted_template_is_created_again(
    open_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = open_folder / "cache"
    cache.mkdir()
    cache.chmod(0o755)
    monkeypatch.setattr("jobgen.postgres.template.state_folder", lambda _: cache)
    with scratch_server(tmp_path):
        pass
    (template,) = cache.glob("cluster-*/data")
    template.rename(template.with_name("data.partial"))
    (template.with_name("data.partial") / "PG_VERSION").unlink()
    with scratch_server(tmp_path) as url, psycopg.connect(url) as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_server_starts_without_a_cache_folder(user: User) -> None:
    if os.geteuid() == 0:
        user.folder.chmod(0o555)
    result = user.run(
        "os.environ['XDG_CACHE_HOME'] = '/proc/none'\n"
        "with temporary_server() as url:\n"
        "    print(psycopg.connect(url).execute('SHOW max_locks_per_transaction').fetchone()[0])\n"
    )
    assert result.stdout == "256\n", result.stderr


@pytest.mark.parametrize(
    ("variable", "free", "expected"),
    [
        (None, 1 << 40, True),
        (None, 1 << 20, False),
        ("/elsewhere", 1 << 40, False),
    ],
)
def test_memory_is_used_if_there_is_enough_and_tmpdir_is_not_set(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    variable: str | None,
    free: int,
    expected: bool,
) -> None:
    class Space:
        f_bavail = free
        f_frsize = 1

    monkeypatch.delenv("TMPDIR", raising=False)
    if variable is not None:
        monkeypatch.setenv("TMPDIR", variable)
    monkeypatch.setattr(system_folders, "_MEMORY_FOLDER", tmp_path)
    monkeypatch.setattr(os, "statvfs", lambda _: Space)
    assert (system_folders.memory_folder() == tmp_path) == expected
