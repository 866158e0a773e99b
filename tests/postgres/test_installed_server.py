"""`[tool.jobgen.postgres] bin`: a project that uses an installed PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from jobgen.errors import JobgenError
from jobgen.postgres import Server, project_binaries, scratch_server
from jobgen.project import postgres_bin
from tests.postgres.projects import CONFIG
from tests.postgres.test_postgres_command import jobgen
from tests.support.programs import OLD_POSTGRES

PROGRAMS = ("postgres", "initdb", "psql", "pg_dump")


def use(root: Path, folder: Path | str) -> None:
    """Make the project use the programs in `folder`."""
    (root / "pyproject.toml").write_text(f"{CONFIG}[tool.jobgen.postgres]\nbin = '{folder}'\n")


def version_of(url: str) -> int:
    with psycopg.connect(url) as conn:
        return conn.info.server_version // 10_000


@pytest.fixture
def installed() -> Path:
    return OLD_POSTGRES.require()


@pytest.fixture
def make_programs(open_folder: Path) -> Callable[..., Path]:
    """Return a function that makes a folder of programs, each of which prints a version."""

    def make(version: str = "postgres (PostgreSQL) 18.1", without: str = "") -> Path:
        folder = open_folder / "programs"
        folder.mkdir()
        for name in PROGRAMS:
            if name != without:
                (folder / name).write_text(f"#!/bin/sh\necho '{version}'\n")
                (folder / name).chmod(0o755)
        return folder

    return make


def test_project_server_runs_the_installed_programs(project: Path, installed: Path) -> None:
    use(project, installed)
    server = Server(project)
    url = server.start()
    assert version_of(url) < 18
    assert server.program("psql") == installed / "psql"
    with psycopg.connect(url) as conn:
        conn.execute("CREATE TABLE kept ()")
        row = conn.execute(
            "SELECT lower('Ä'), current_setting('max_locks_per_transaction')"
        ).fetchone()
        assert row == ("ä", "256")
    server.stop()
    with psycopg.connect(server.start()) as conn:
        conn.execute("SELECT FROM kept")


def test_scratch_server_has_the_extensions_of_the_installed_server(
    project: Path, installed: Path
) -> None:
    use(project, installed)
    with scratch_server(project) as url, psycopg.connect(url) as conn:
        assert conn.info.server_version < 18_00_00
        conn.execute("CREATE EXTENSION pgcrypto")
        query = "SELECT length(digest('a', 'sha1')), extversion FROM pg_extension"
        row = conn.execute(f"{query} WHERE extname = 'pgcrypto'").fetchone()
        assert row is not None
        assert row[0] == 20
        assert row[1] != "development"


def test_commands_use_the_installed_programs(project: Path, installed: Path) -> None:
    use(project, installed)
    schema = project / "Application/Schema.sql"
    schema.parent.mkdir()
    schema.write_text('CREATE EXTENSION "uuid-ossp";\nCREATE TABLE bands (name TEXT NOT NULL);\n')
    assert jobgen(project, "postgres", "start").returncode == 0
    migrated = jobgen(project, "migrate", "--yes")
    assert migrated.returncode == 0, migrated.stderr
    version = jobgen(project, "postgres", "psql", "-XAtc", "SHOW server_version_num")
    assert int(version.stdout) < 18_00_00
    found = jobgen(project, "postgres", "psql", "-XAtc", "SELECT count(*) FROM bands")
    assert found.stdout == "0\n"


def test_data_of_another_major_version_is_refused_and_kept(project: Path, installed: Path) -> None:
    with psycopg.connect(Server(project).start()) as conn:
        conn.execute("CREATE TABLE kept ()")
    Server(project).stop()
    use(project, installed)
    with pytest.raises(JobgenError, match="belongs to PostgreSQL 18") as raised:
        Server(project).start()
    assert "[tool.jobgen.postgres] bin" in str(raised.value.hint)
    (project / "pyproject.toml").write_text(CONFIG)
    with psycopg.connect(Server(project).start()) as conn:
        conn.execute("SELECT FROM kept")


def test_folder_without_a_program_is_refused(
    project: Path, make_programs: Callable[..., Path]
) -> None:
    folder = make_programs(without="pg_dump")
    use(project, folder)
    with pytest.raises(JobgenError, match=f"{folder} does not contain pg_dump"):
        project_binaries(project)


def test_folder_that_does_not_exist_is_refused(project: Path) -> None:
    use(project, "/nowhere/bin")
    with pytest.raises(JobgenError, match="/nowhere/bin is not a folder") as raised:
        project_binaries(project)
    assert "/usr/lib/postgresql/18/bin" in str(raised.value.hint)


def test_folder_above_the_programs_is_corrected(project: Path, installed: Path) -> None:
    use(project, installed.parent)
    with pytest.raises(JobgenError, match="does not contain postgres") as raised:
        project_binaries(project)
    assert raised.value.hint == f"Set it to {installed}."


@pytest.mark.parametrize("version", ["13.22", "9.6.24"])
def test_old_version_is_refused(
    project: Path, make_programs: Callable[..., Path], version: str
) -> None:
    use(project, make_programs(f"postgres (PostgreSQL) {version} (Debian)"))
    with pytest.raises(JobgenError, match=f"PostgreSQL {version}, and jobgen needs 14 or newer"):
        project_binaries(project)


def test_program_that_is_not_postgres_is_refused(
    project: Path, make_programs: Callable[..., Path]
) -> None:
    use(project, make_programs("something else"))
    with pytest.raises(JobgenError, match="something else"):
        project_binaries(project)


def test_program_of_another_machine_is_refused(
    project: Path, make_programs: Callable[..., Path]
) -> None:
    folder = make_programs()
    (folder / "postgres").write_bytes(b"\x7fELF of another machine")
    use(project, folder)
    result = jobgen(project, "postgres", "start")
    assert result.returncode == 1
    assert f"{folder / 'postgres'} cannot be run" in result.stderr


@pytest.mark.parametrize(
    ("version", "expected"), [("14.0", "14.0"), ("19beta1", "19beta1"), ("18.6 (Debian)", "18.6")]
)
def test_version_is_that_of_the_server(
    project: Path, make_programs: Callable[..., Path], version: str, expected: str
) -> None:
    use(project, make_programs(f"postgres (PostgreSQL) {version}"))
    binaries = project_binaries(project)
    assert binaries.version == expected
    assert binaries.major == int(expected[:2])


def test_path_may_be_relative_to_the_project_or_to_the_home_folder(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    for text, expected in (
        ("tools/pg/bin", project.resolve() / "tools/pg/bin"),
        ("~/pg/bin", Path("/home/someone/pg/bin")),
        ("/opt/pg/bin", Path("/opt/pg/bin")),
    ):
        use(project, text)
        assert postgres_bin(project) == expected


def test_wrong_option_is_an_error_of_every_command(project: Path) -> None:
    use(project, " ")
    for command in (("list",), ("postgres", "start")):
        result = jobgen(project, *command)
        assert result.returncode == 1
        assert "postgres.bin" in result.stderr


def test_check_of_a_server_that_never_ran_uses_the_installed_programs(
    project: Path, installed: Path
) -> None:
    use(project, installed)
    schema = project / "Application/Schema.sql"
    schema.parent.mkdir()
    schema.write_text(
        "CREATE EXTENSION pgcrypto;\n"
        "CREATE TABLE seeds AS SELECT crypt('secret', gen_salt('bf')) AS hash;\n"
    )
    checked = jobgen(project, "migrate", "--check")
    assert checked.returncode == 3, checked.stderr
    (project / "pyproject.toml").write_text(CONFIG)
    refused = jobgen(project, "migrate", "--check")
    assert refused.returncode == 1
    assert "Schema.sql:2" in refused.stderr
    assert "gen_salt is not available" in refused.stderr
    assert "[tool.jobgen.postgres]" in refused.stderr
    assert not (project / ".jobgen/postgres").exists()
