"""The command `jobgen postgres`."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from tests.support import forked
from tests.support.forked import BIN


def jobgen(cwd: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = (str(BIN / "jobgen"), *arguments)
    return forked.run(command, cwd, {**os.environ, **variables}, timeout=60)


def test_start_status_and_stop(project: Path) -> None:
    assert jobgen(project, "postgres", "status").returncode == 3
    started = jobgen(project, "postgres", "start")
    assert started.returncode == 0
    address = (project / ".jobgen/database_url").read_text().strip()
    assert address in started.stdout
    status = jobgen(project, "postgres", "status")
    assert status.returncode == 0
    assert address in status.stdout
    assert jobgen(project, "postgres", "url").stdout == f"{address}\n"
    given = jobgen(project, "postgres", "url", DATABASE_URL="postgresql:///other")
    assert given.stdout == "postgresql:///other\n"
    for command in ("url", "psql"):
        invalid = jobgen(project, "postgres", command, DATABASE_URL="x host=db password=secret")
        assert (invalid.returncode, invalid.stdout) == (1, "")
        assert "The database's address is invalid" in invalid.stderr
        assert "secret" not in invalid.stderr
    stopped = jobgen(project, "postgres", "stop")
    assert (stopped.returncode, stopped.stdout) == (0, "PostgreSQL stopped.\n")
    assert jobgen(project, "postgres", "stop").stdout == "PostgreSQL was not running.\n"


def test_psql_passes_arguments_and_exit_code(project: Path) -> None:
    jobgen(project, "postgres", "start")
    (project / "below").mkdir()
    asked = jobgen(project / "below", "postgres", "psql", "-XAtc", "SELECT current_database()")
    assert (asked.returncode, asked.stdout) == (0, "shop\n")
    separated = jobgen(project, "postgres", "psql", "--", "--expanded", "--command", "SELECT 1")
    assert "RECORD 1" in separated.stdout
    assert jobgen(project, "postgres", "psql", "-c", "nonsense").returncode == 1


def test_psql_follows_database_url_unless_the_own_server_is_asked_for(
    project: Path, database: str
) -> None:
    jobgen(project, "postgres", "start")
    question = ("-XAtc", "SELECT current_database()")
    name = str(conninfo_to_dict(database)["dbname"])
    asked = jobgen(project, "postgres", "psql", *question, DATABASE_URL=database)
    assert (asked.returncode, asked.stdout) == (0, f"{name}\n")
    assert f"Database: {name}" in asked.stderr
    assert "(DATABASE_URL)" in asked.stderr
    own = jobgen(project, "postgres", "psql", "--own", *question, DATABASE_URL=database)
    assert (own.returncode, own.stdout) == (0, "shop\n")
    assert own.stderr == "Database: shop on the project's own server\n"


def test_psql_without_a_running_server_names_the_start_command(project: Path) -> None:
    for command in ("psql", "url"):
        result = jobgen(project, "postgres", command)
        assert (result.returncode, result.stdout) == (1, "")
        assert "jobgen postgres start" in result.stderr


def test_start_outside_a_project_is_an_error(tmp_path: Path) -> None:
    result = jobgen(tmp_path, "postgres", "start")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr


def test_start_refuses_an_invalid_port(project: Path) -> None:
    assert jobgen(project, "postgres", "start", "--port", "99999").returncode == 2
