"""A scratch server reaches no other server, and is copied from a template."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from jobgen.postgres import Server, scratch_server, system_folders, temporary_server
from tests.postgres.projects import socket_folder_of
from tests.postgres.users import User


@pytest.fixture(scope="module")
def scratch_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with scratch_server(tmp_path_factory.mktemp("project")) as url:
        yield url


@pytest.fixture
def real_server(monkeypatch: pytest.MonkeyPatch, open_folder: Path) -> Iterator[None]:
    """A server that the caller's environment, service file and home folder name."""
    with temporary_server() as url:
        host = socket_folder_of(url)
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute("CREATE DATABASE precious")
        service = f"[real]\nhost={host}\ndbname=precious\nuser=postgres\n"
        for name in (".pg_service.conf", "pg_service.conf"):
            (open_folder / name).write_text(service)
        monkeypatch.setenv("HOME", str(open_folder))
        monkeypatch.setenv("PGHOST", str(host))
        monkeypatch.setenv("PGDATABASE", "precious")
        monkeypatch.setenv("PGUSER", "postgres")
        monkeypatch.setenv("PGSYSCONFDIR", str(open_folder))
        monkeypatch.setenv("PGSERVICEFILE", str(open_folder / "pg_service.conf"))
        yield


@pytest.mark.usefixtures("real_server")
def test_scratch_server_connects_to_itself_without_a_host(tmp_path: Path) -> None:
    with scratch_server(tmp_path) as url, psycopg.connect(url, autocommit=True) as conn:
        conn.execute("CREATE DATABASE here")
        conn.execute("CREATE EXTENSION dblink")
        remote = "SELECT * FROM dblink(%s, 'SELECT pg_postmaster_start_time()') AS (at timestamptz)"
        here = conn.execute("SELECT pg_postmaster_start_time()").fetchone()
        assert conn.execute(remote, ("dbname=here",)).fetchone() == here
        assert conn.execute(remote, ("",)).fetchone() == here
        with pytest.raises(psycopg.Error, match='database "precious" does not exist'):
            conn.execute(remote, ("dbname=precious",))
        with pytest.raises(psycopg.Error, match=r"service file .* not found"):
            conn.execute(remote, ("service=real",))


@pytest.mark.usefixtures("real_server")
def test_foreign_server_without_a_host_is_the_scratch_server(scratch_url: str) -> None:
    with psycopg.connect(scratch_url, autocommit=True) as conn:
        conn.execute("CREATE EXTENSION postgres_fdw")
        conn.execute("CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw")
        conn.execute("CREATE USER MAPPING FOR postgres SERVER other")
        conn.execute("CREATE VIEW started AS SELECT pg_postmaster_start_time() AS at")
        conn.execute(
            "CREATE FOREIGN TABLE remote (at timestamptz) SERVER other"
            " OPTIONS (schema_name 'public', table_name 'started')"
        )
        assert conn.execute("SELECT count(*) FROM remote JOIN started USING (at)").fetchone() == (
            1,
        )


def test_scratch_server_reaches_no_server_that_asks_for_a_password(
    project: Path, scratch_url: str, free_port: int
) -> None:
    server = Server(project)
    server.start(free_port)
    try:
        tcp = server.status().tcp_url
        assert tcp is not None
        with psycopg.connect(scratch_url, autocommit=True) as conn:
            conn.execute("CREATE EXTENSION IF NOT EXISTS dblink")
            with pytest.raises(psycopg.Error, match="could not establish connection"):
                conn.execute("SELECT dblink_exec(%s, 'CREATE TABLE made (i int)')", (tcp,))
        with psycopg.connect(tcp) as real:
            assert real.execute("SELECT to_regclass('made')").fetchone() == (None,)
    finally:
        server.stop()


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
