"""The server as root and as an ordinary user, and in folders that others may not enter."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import psycopg

from jobgen.postgres import Server

from .conftest import Person


def test_an_ordinary_user_has_a_server_of_their_own(person: Person) -> None:
    root = person.folder / "their project"
    result = person.run(
        f"root = Path({str(root)!r}); root.mkdir()\n"
        "(root / 'pyproject.toml').write_text('[tool.jobgen]')\n"
        "server = Server(root); url = server.start()\n"
        "print(psycopg.connect(url).execute('SELECT current_database()').fetchone()[0])\n"
        "data = server.status().data; print(data.stat().st_uid, oct(data.stat().st_mode))\n"
        "print(server.stop())\n"
    )
    assert result.stdout.splitlines() == [
        "their_project",
        f"{person.uid} 0o40700",
        "True",
    ], result.stderr


def test_an_ordinary_user_has_a_temporary_server(person: Person) -> None:
    result = person.run(
        "with temporary_server() as url:\n"
        "    print(psycopg.connect(url).execute('SELECT 1').fetchone()[0])\n"
    )
    assert result.stdout == "1\n", result.stderr


def test_a_project_that_only_its_owner_may_enter(
    tmp_path: Path, make_project: Callable[[Path], Path]
) -> None:
    """As root the data goes where the server's account may be, and no mode is changed."""
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
    assert status.data.stat().st_uid != 0


def test_a_copied_project_does_not_share_data_that_is_elsewhere(
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


def test_another_users_server_is_refused_by_name(project: Path, person: Person) -> None:
    Server(project).start()
    result = person.jobgen("postgres", "start", cwd=project)
    if person.uid == os.geteuid():
        assert result.returncode == 0
    else:
        assert result.returncode == 1
        assert "Permission denied" in result.stderr
        assert "Traceback" not in result.stderr
