"""Servers after kills, reboots, damaged files and concurrent starts."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from jobgen.errors import JobgenError
from jobgen.postgres import Server, server
from jobgen.postgres.postmaster import Postmaster, read_postmaster, wait_until_ready
from tests.postgres.projects import is_alive, socket_folder_of
from tests.support.waiting import TIMEOUT, wait_for


def backends(url: str) -> list[int]:
    """Return the process ids of a server's backends."""
    with psycopg.connect(url) as conn:
        return [row[0] for row in conn.execute("SELECT pid FROM pg_stat_activity")]


def pid_of(project: Path) -> int:
    pid = Server(project).status().pid
    assert pid is not None
    return pid


def data_of(project: Path) -> Path:
    data = Server(project).status().data
    assert data is not None
    return data


def insert(url: str) -> None:
    with psycopg.connect(url) as conn:
        conn.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        conn.execute("INSERT INTO kept VALUES (7)")


def count(url: str) -> int:
    with psycopg.connect(url) as conn:
        row = conn.execute("SELECT count(*) FROM kept").fetchone()
        assert row is not None
        return int(row[0])


def test_start_recovers_after_the_postmaster_was_killed(project: Path) -> None:
    insert(Server(project).start())
    os.kill(pid_of(project), signal.SIGKILL)
    assert count(Server(project).start()) == 1


def test_start_recovers_from_a_postmaster_that_exits_once_it_was_found(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert(Server(project).start())
    found = [pid_of(project)]

    def wait_after_the_exit(data: Path, log: Path, has_ended: Callable[[], bool]) -> Postmaster:
        if found:
            os.kill(found.pop(), signal.SIGKILL)
            wait_for(has_ended)
        return wait_until_ready(data, log, has_ended)

    monkeypatch.setattr(server, "wait_until_ready", wait_after_the_exit)
    assert count(Server(project).start()) == 1


def test_start_recovers_after_all_processes_were_killed(project: Path) -> None:
    url = Server(project).start()
    insert(url)
    postmaster, others = pid_of(project), backends(url)
    for pid in (postmaster, *others):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            assert pid != postmaster  # a connection of this test has been closed
    wait_for(lambda: not is_alive(postmaster))
    assert not Server(project).status().running
    assert count(Server(project).start()) == 1


def test_start_waits_for_a_backend_that_outlives_its_postmaster(project: Path) -> None:
    url = Server(project).start()
    insert(url)
    postmaster = pid_of(project)
    with psycopg.connect(url, autocommit=True) as busy, ThreadPoolExecutor(1) as pool:
        query = pool.submit(busy.execute, "SELECT count(*) FROM generate_series(1, 5000000)")
        wait_for(lambda: _is_running(url, busy.info.backend_pid))
        os.kill(postmaster, signal.SIGKILL)
        assert count(Server(project).start()) == 1
        query.exception()


def _is_running(url: str, pid: int) -> bool:
    with psycopg.connect(url) as conn:
        row = conn.execute("SELECT state FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone()
        return row == ("active",)


def test_start_ignores_a_pid_file_whose_id_belongs_to_another_program(project: Path) -> None:
    Server(project).start()
    os.kill(pid_of(project), signal.SIGKILL)
    wait_for(lambda: not Server(project).status().running)
    pid_file = data_of(project) / "postmaster.pid"
    owner = pid_file.stat()
    with subprocess.Popen(["sleep", "60"]) as other:
        _, rest = pid_file.read_text().split("\n", 1)
        pid_file.write_text(f"{other.pid}\n{rest}")
        os.chown(pid_file, owner.st_uid, owner.st_gid)
        Server(project).start()
        assert Server(project).status().running
        assert other.poll() is None
        other.kill()


@pytest.mark.parametrize("line", ["", "{folder}"], ids=["none yet", "another folder"])
def test_stop_removes_no_folder_but_its_socket_folder(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    Server(project).start()
    (precious := tmp_path / "precious").mkdir()
    (precious / "work.txt").write_text("years of it")
    monkeypatch.chdir(precious)
    # The line of the socket's folder is empty while a server starts.
    pid_file = data_of(project) / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    lines[4] = line.format(folder=precious)
    with pid_file.open("r+") as file:
        file.write("\n".join(lines) + "\n")
        file.truncate()
    assert Server(project).stop()
    assert (precious / "work.txt").read_text() == "years of it"


def test_start_recovers_after_a_reboot_emptied_the_temporary_folder(project: Path) -> None:
    url = Server(project).start()
    insert(url)
    os.kill(pid_of(project), signal.SIGKILL)
    shutil.rmtree(socket_folder_of(url))
    assert count(Server(project).start()) == 1


def test_start_replaces_a_running_server_whose_socket_was_removed(project: Path) -> None:
    url = Server(project).start()
    insert(url)
    shutil.rmtree(socket_folder_of(url))
    assert not Server(project).status().running
    assert count(Server(project).start()) == 1


def test_socket_folder_of_another_user_is_left_unchanged(project: Path) -> None:
    url = Server(project).start()
    Server(project).stop()
    taken = socket_folder_of(url)
    taken.mkdir(mode=0o755)
    try:
        other = Server(project).start()
        assert other != url
        assert list(taken.iterdir()) == []
        assert stat.S_IMODE(taken.stat().st_mode) == 0o755
        insert(other)
    finally:
        taken.rmdir()


def test_concurrent_starts_start_one_server(project: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from jobgen.postgres import Server\n"
        "print(Server(Path(sys.argv[1])).start())"
    )
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", code, project],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    answers = [start.communicate(timeout=60) for start in starts]
    assert [start.returncode for start in starts] == [0, 0, 0], answers
    assert {out.strip() for out, _ in answers} == {Server(project).status().url}


def test_incomplete_data_folder_is_created_again(project: Path) -> None:
    partial = project / ".jobgen/postgres/data.partial"
    partial.mkdir(parents=True)
    (partial / "PG_VERSION").write_text("18\n")
    insert(Server(project).start())
    assert not partial.exists()


def test_start_succeeds_after_an_earlier_start_was_killed(project: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from jobgen.postgres import Server\n"
        "Server(Path(sys.argv[1])).start()"
    )
    folder = project / ".jobgen/postgres"
    for name in ("data.partial", "data", "alive"):
        with subprocess.Popen(
            [sys.executable, "-c", code, project], stdout=subprocess.PIPE
        ) as start:
            # A folder of a moment may be seen too late; then the start has succeeded.
            while not (folder / name).exists() and start.poll() is None:
                time.sleep(0.001)
            start.kill()
    insert(Server(project).start())


def test_start_uses_a_server_whose_start_was_killed_before_it_wrote_its_pid(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Server(project).start()
    pid = pid_of(project)
    pid_file = data_of(project) / "postmaster.pid"
    aside = pid_file.with_name("aside")
    looked_for = threading.Event()

    def read(data: Path) -> Postmaster | None:
        found = read_postmaster(data)
        if found is None:
            looked_for.set()
        return found

    monkeypatch.setattr(server, "read_postmaster", read)
    pid_file.rename(aside)
    with ThreadPoolExecutor(1) as pool:
        start = pool.submit(Server(project).start)
        assert looked_for.wait(TIMEOUT)
        aside.rename(pid_file)
        start.result(60)
    assert pid_of(project) == pid


@pytest.mark.parametrize("version", ["17", "19"])
def test_data_of_another_major_version_is_refused_and_left_unchanged(
    project: Path, version: str
) -> None:
    Server(project).start()
    Server(project).stop()
    data = data_of(project)
    (data / "PG_VERSION").write_text(f"{version}\n")
    before = file_times(data)
    with pytest.raises(
        JobgenError, match=f"belongs to PostgreSQL {version}, and this is 18"
    ) as raised:
        Server(project).start()
    assert "pg_dump" in (raised.value.hint or "")
    assert file_times(data) == before


def file_times(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path): (path.lstat().st_mtime_ns, path.lstat().st_size) for path in folder.rglob("*")
    }


def test_damaged_cluster_file_is_an_error_with_a_hint(project: Path) -> None:
    Server(project).start()
    Server(project).stop()
    cluster = project / ".jobgen/postgres/cluster.json"
    text = cluster.read_text()
    cluster.write_text("{")
    with pytest.raises(JobgenError, match=r"cluster\.json cannot be read") as raised:
        Server(project).start()
    assert "Correct it" in (raised.value.hint or "")
    cluster.write_text(text)


def test_log_of_the_previous_start_is_kept(project: Path) -> None:
    Server(project).start()
    Server(project).stop()
    Server(project).start()
    logs = project / ".jobgen/postgres"
    assert "shut down" in (logs / "server.log.1").read_text()
    assert "ready to accept connections" in (logs / "server.log").read_text()
    assert stat.S_IMODE((logs / "server.log").stat().st_mode) == 0o600
