"""A temporary server and its files are removed, no matter how the process ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from jobgen.postgres import temporary_server
from tests.postgres.projects import is_alive, socket_folder_of
from tests.support.waiting import wait_for

_OWNER = """
import psycopg
from jobgen.postgres import temporary_server
with temporary_server() as url, psycopg.connect(url) as conn:
    print(url, flush=True)
    print(conn.execute("SELECT pg_postmaster_start_time()").fetchone(), flush=True)
    input()
"""


def postmaster_of(url: str) -> int:
    return int((socket_folder_of(url) / "data/postmaster.pid").read_text().split()[0])


def test_temporary_server_is_removed_after_the_block() -> None:
    with temporary_server() as url:
        pid = postmaster_of(url)
        with psycopg.connect(url) as conn:
            assert conn.execute("SELECT 1").fetchone() == (1,)
    assert not socket_folder_of(url).exists()
    wait_for(lambda: not is_alive(pid))


def test_temporary_server_is_removed_after_an_exception_in_the_block() -> None:
    with pytest.raises(ZeroDivisionError), temporary_server() as url:  # noqa: PT012 -- it ends the block
        pid = postmaster_of(url)
        raise ZeroDivisionError
    assert not socket_folder_of(url).exists()
    wait_for(lambda: not is_alive(pid))


def test_temporary_server_is_removed_while_sessions_are_open() -> None:
    with temporary_server() as url:
        conn = psycopg.connect(url)
    assert not socket_folder_of(url).exists()
    conn.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_temporary_server_is_removed_after_its_process_was_killed(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _OWNER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        url = owner.stdout.readline().strip()
        assert owner.stdout.readline()
        pid = postmaster_of(url)
        os.kill(owner.pid, number)
    wait_for(lambda: not socket_folder_of(url).exists())
    wait_for(lambda: not is_alive(pid))


def test_temporary_server_is_removed_when_its_process_is_killed_during_the_start(
    open_folder: Path,
) -> None:
    open_folder.chmod(0o1777)
    code = "from jobgen.postgres import temporary_server as t\nwith t(): pass"
    environment = {**os.environ, "TMPDIR": str(open_folder)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment) as owner:
        wait_for(lambda: any(open_folder.glob("jobgen-*/data")))
        owner.kill()
    wait_for(lambda: not any(open_folder.iterdir()))


def test_two_temporary_servers_are_separate() -> None:
    with temporary_server() as one, temporary_server() as two:
        assert one != two
        with psycopg.connect(one) as conn:
            conn.execute("CREATE TABLE here ()")
        with psycopg.connect(two) as conn:
            assert conn.execute("SELECT to_regclass('here')").fetchone() == (None,)


def test_temporary_server_ignores_the_environment_of_its_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGDATABASE", "nowhere")
    monkeypatch.setenv("PGUSER", "nobody")
    monkeypatch.setenv("TMPDIR", "/" + "nowhere" * 20)
    with temporary_server() as url, psycopg.connect(url) as conn:
        assert conn.execute("SELECT current_user, current_database()").fetchone() == (
            "postgres",
            "postgres",
        )
