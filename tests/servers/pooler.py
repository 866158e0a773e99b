"""PgBouncer between clients and a server."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from jobgen.postgres.account import server_account
from jobgen.postgres.system_folders import short_temporary_folder
from tests.support.programs import PGBOUNCER
from tests.support.waiting import wait_for

SETTINGS = """
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users
logfile = {folder}/log
pool_mode = {mode}
default_pool_size = {sessions}
max_client_conn = 200
"""


@contextmanager
def pooler(url: str, *, mode: str = "transaction", sessions: int = 4) -> Iterator[str]:
    """Yield the address of the same database through a PgBouncer with `sessions` sessions."""
    program = PGBOUNCER.require()
    server = conninfo_to_dict(url)
    account = server_account()
    folder = Path(tempfile.mkdtemp(prefix="jobgen-", dir=short_temporary_folder()))
    settings, users = folder / "settings", folder / "users"
    users.write_text(f'"{server["user"]}" ""\n')
    settings.write_text(
        SETTINGS.format(
            host=server["host"],
            port=server.get("port", 5432),
            folder=folder,
            mode=mode,
            sessions=sessions,
        )
    )
    for path in (folder, settings, users):
        account.own(path)
    process = account.popen(
        (program, "-q", settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        through = make_conninfo(url, host=str(folder), port=6432)
        _wait(through, process, folder / "log")
        yield through
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


def _wait(url: str, process: subprocess.Popen[str], log: Path) -> None:
    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        return _answers(url)

    wait_for(answers, log.read_text)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True
