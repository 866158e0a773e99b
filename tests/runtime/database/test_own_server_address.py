"""The project whose own server is used where DATABASE_URL is not set."""

from __future__ import annotations

from pathlib import Path

from tests.support.application import Application
from tests.support.rows import Rows

PROGRAM = "import sys; sys.path.insert(0, {0!r}); from Generated.Types import ProbeJob; {1}"
CREATE = "ProbeJob.create_sync()"


def test_records_find_their_projects_server_from_any_folder(
    app: Application, rows: Rows, tmp_path: Path
) -> None:
    program = PROGRAM.format(str(app.root), CREATE)
    app.write(".jobgen/database_url", app.env.pop("DATABASE_URL") + "\n")
    other = tmp_path / "other"
    other.mkdir()
    (other / "pyproject.toml").write_text("[tool.jobgen]\n")
    deleted = tmp_path / "deleted"
    deleted.mkdir()
    remove = f"import os; os.rmdir({str(deleted)!r}); "
    started = [
        app.start("python", "-c", program, cwd=Path("/")),
        app.start("python", "-c", program, cwd=other),
        app.start("python", "-c", remove + program, cwd=deleted),
    ]
    for process in started:
        process.wait_for_exit()
    assert rows.conn.execute("SELECT count(*) FROM probe_jobs").fetchone() == (len(started),)


def test_error_names_the_folder_without_a_project_or_the_project_without_a_server(
    app: Application,
) -> None:
    del app.env["DATABASE_URL"]
    no_records = "from jobgen_runtime.database import database_url; database_url()"
    outside = app.start("python", "-c", no_records, cwd=Path("/"))
    inside = app.start("python", "-c", PROGRAM.format(str(app.root), CREATE), cwd=Path("/"))
    assert "DATABASE_URL is not set, and / is not in a project." in outside.wait_for_exit(1)
    output = inside.wait_for_exit(1)
    assert f"the server of the project {app.root} is not running." in output
    assert "`jobgen postgres start`" in output
