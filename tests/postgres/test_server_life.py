"""Starting, stopping and moving a server, and its files in the project."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from jobgen.errors import JobgenError
from jobgen.postgres import Server
from tests.postgres.projects import remove_server, socket_folder_of
from tests.postgres.users import User
from tests.support.waiting import TIMEOUT


def only_value(url: str, query: str) -> object:
    with psycopg.connect(url) as conn:
        row = conn.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]


def test_database_keeps_its_rows_over_a_restart(project: Path) -> None:
    server = Server(project)
    url = server.start()
    with psycopg.connect(url) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 7 AS number")
    assert only_value(url, "SELECT current_database()") == "shop"
    assert server.stop()
    assert Server(project).start() == url
    assert only_value(url, "SELECT number FROM kept") == 7


def test_database_has_encoding_utf8_and_unicode_case_mapping(project: Path) -> None:
    url = Server(project).start()
    assert only_value(url, "SELECT lower('ÄÖÜ') || current_setting('server_encoding')") == "äöüUTF8"


def test_start_writes_the_address_for_its_owner_and_stop_removes_it(project: Path) -> None:
    server = Server(project)
    url = server.start()
    address = project / ".jobgen/database_url"
    assert address.read_text() == f"{url}\n"
    assert stat.S_IMODE(address.stat().st_mode) == 0o600
    assert (project / ".jobgen/.gitignore").read_text() == "*\n"
    server.stop()
    assert not address.exists()


def test_status_shows_whether_the_server_runs(project: Path) -> None:
    server = Server(project)
    assert not server.status().running
    assert not (project / ".jobgen").exists()
    url = server.start()
    status = Server(project).status()
    assert (status.running, status.url, status.tcp_url) == (True, url, None)
    server.stop()
    assert not server.status().running


def test_second_start_returns_the_running_server(project: Path) -> None:
    url = Server(project).start()
    pid = Server(project).status().pid
    assert Server(project).start() == url
    assert Server(project).status().pid == pid


def test_stop_returns_whether_the_server_ran(project: Path) -> None:
    assert not Server(project).stop()
    Server(project).start()
    assert Server(project).stop()
    assert not Server(project).stop()


def test_start_creates_a_dropped_database_again(project: Path) -> None:
    url = Server(project).start()
    with psycopg.connect(url.replace("/shop?", "/postgres?"), autocommit=True) as conn:
        conn.execute("DROP DATABASE shop")
    Server(project).start()
    assert only_value(url, "SELECT 1") == 1


def test_only_the_owner_can_open_data_and_socket(project: Path, user: User) -> None:
    url = Server(project).start()
    status = Server(project).status()
    assert status.data is not None
    assert stat.S_IMODE(status.data.stat().st_mode) == 0o700
    folder = socket_folder_of(url)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    if os.geteuid() == 0:  # there is another user to try it with
        result = user.run(f"import psycopg; psycopg.connect({url!r})")
        assert "Permission denied" in result.stderr


def test_server_has_no_tcp_port_by_default(project: Path) -> None:
    url = Server(project).start()
    assert only_value(url, "SELECT current_setting('listen_addresses')") == ""


def test_tcp_connection_needs_the_password(project: Path, free_port: int) -> None:
    Server(project).start(free_port)
    tcp_url = Server(project).status().tcp_url
    assert tcp_url is not None
    assert only_value(tcp_url, "SELECT current_database()") == "shop"
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://postgres@localhost:{free_port}/shop", passfile="/dev/null")


def test_port_is_refused_while_the_server_runs_without_it(project: Path, free_port: int) -> None:
    Server(project).start()
    with pytest.raises(JobgenError, match=f"without the TCP port {free_port}"):
        Server(project).start(free_port)


def test_failed_start_names_the_port_or_shows_the_log_and_can_be_repeated(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(JobgenError, match=f"^The TCP port {port} is taken by another program"):
            Server(project).start(port)
    assert not Server(project).status().running
    assert not (project / ".jobgen/database_url").exists()
    data = Server(project).status().data
    assert data is not None
    with (data / "postgresql.conf").open("a") as configuration:
        configuration.write("nonsense = on\n")
    with pytest.raises(JobgenError, match='unrecognized configuration parameter "nonsense"'):
        Server(project).start()
    with (data / "postgresql.conf").open("r+") as configuration:
        configuration.truncate(len(configuration.read()) - len("nonsense = on\n"))
    Server(project).start()
    assert Server(project).status().running


def test_server_survives_ctrl_c_of_the_process_that_started_it(project: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from jobgen.postgres import Server\n"
        "print(Server(Path(sys.argv[1])).start(), flush=True); sys.stdin.read()"
    )
    client = subprocess.Popen(
        [sys.executable, "-c", code, str(project)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        process_group=0,
    )
    with client:
        assert client.stdout is not None
        url = client.stdout.readline().strip()
        os.killpg(client.pid, signal.SIGINT)
        client.wait(TIMEOUT)
    assert only_value(url, "SELECT 1") == 1


def test_two_projects_have_separate_servers(
    open_folder: Path, make_project: Callable[[Path], Path]
) -> None:
    one, two = make_project(open_folder / "a/shop"), make_project(open_folder / "b/shop")
    urls = [Server(root).start() for root in (one, two)]
    assert urls[0] != urls[1]
    with psycopg.connect(urls[0]) as conn:
        conn.execute("CREATE TABLE here ()")
    assert only_value(urls[1], "SELECT to_regclass('here') IS NULL") is True
    Server(one).stop()
    assert only_value(urls[1], "SELECT 1") == 1


@pytest.mark.parametrize(
    ("name", "database"),
    [
        ("with spaces, and commas", "with_spaces_and_commas"),
        ("$HOME `id` \"quoted\" 'twice' \\", "home_id_quoted_twice"),
        ("проект-日本", "проект_日本"),
        ("postgres", "postgres_database"),
        ("!!!", "jobgen"),
    ],
)
def test_project_may_have_any_path(
    open_folder: Path, make_project: Callable[[Path], Path], name: str, database: str
) -> None:
    url = Server(make_project(open_folder / name)).start()
    assert only_value(url, "SELECT current_database()") == database


def test_project_may_have_a_long_path(
    open_folder: Path, make_project: Callable[[Path], Path]
) -> None:
    root = make_project(open_folder.joinpath(*["long" * 50] * 3))
    url = Server(root).start()
    assert only_value(url, "SELECT 1") == 1


def test_data_is_outside_of_a_project_whose_path_is_too_long(
    open_folder: Path, make_project: Callable[[Path], Path]
) -> None:
    root = make_project(open_folder.joinpath(*["long" * 50] * 5))
    url = Server(root).start()
    assert only_value(url, "SELECT 1") == 1
    data = Server(root).status().data
    assert data is not None
    assert not data.is_relative_to(root)


def test_moved_project_keeps_its_data(
    open_folder: Path, make_project: Callable[[Path], Path]
) -> None:
    root = make_project(open_folder / "shop")
    with psycopg.connect(Server(root).start()) as conn:
        conn.execute("CREATE TABLE kept ()")
    Server(root).stop()
    moved = open_folder / "store"
    root.rename(moved)
    try:
        url = Server(moved).start()
        assert only_value(url, "SELECT to_regclass('kept') IS NOT NULL") is True
    finally:
        remove_server(moved)


def test_copy_of_a_running_project_has_a_separate_server(open_folder: Path, project: Path) -> None:
    with psycopg.connect(Server(project).start(), autocommit=True) as conn:
        conn.execute("CREATE TABLE kept ()")
        conn.execute("CHECKPOINT")
        copy = open_folder / "copy"
        subprocess.run(["cp", "-a", project, copy], check=True)
        try:
            url = Server(copy).start()
            assert Server(copy).status().pid != Server(project).status().pid
            assert only_value(url, "SELECT to_regclass('kept') IS NOT NULL") is True
        finally:
            remove_server(copy)
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_start_in_a_read_only_project_is_an_error(user: User, open_folder: Path) -> None:
    root = open_folder / "theirs"
    root.mkdir()
    (root / "pyproject.toml").write_text("[tool.jobgen]\n")
    root.chmod(0o555)
    result = user.jobgen("postgres", "start", cwd=root)
    root.chmod(0o755)
    assert result.returncode == 1
    assert "Permission denied" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (root / ".jobgen").exists()
