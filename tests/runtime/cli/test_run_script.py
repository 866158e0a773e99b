"""`run-script`: run scripts from any folder, and report errors."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.application import Application
from tests.support.process import BIN
from tests.support.rows import Rows

INSERTS = """\
#!/usr/bin/env run-script
from Generated.Types import ProbeJob


async def run() -> None:
    await ProbeJob.create(what="script")
"""


def test_script_runs_from_another_folder_as_cron_starts_it(
    app: Application, rows: Rows, tmp_path: Path
) -> None:
    script = app.write("Application/Script/Insert.py", INSERTS)
    # As cron starts a script.
    env = {"PATH": "/usr/bin:/bin", "DATABASE_URL": app.env["DATABASE_URL"]}
    done = subprocess.run(
        [BIN / "run-script", script], cwd="/", env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert rows.conn.execute("SELECT what FROM probe_jobs").fetchall() == [("script",)]


def test_script_runs_by_its_shebang(app: Application, rows: Rows) -> None:
    script = app.write("Application/Script/Insert.py", INSERTS)
    script.chmod(0o755)
    env = {**app.env, "PATH": f"{BIN}:/usr/bin:/bin"}
    subprocess.run([script], cwd="/", env=env, check=True)
    assert rows.conn.execute("SELECT count(*) FROM probe_jobs").fetchone() == (1,)


def test_synchronous_run_sees_the_scripts_arguments(app: Application, rows: Rows) -> None:
    app.write(
        "Application/Script/Plain.py",
        """
        import sys
        from Generated.Types import ProbeJob

        def run():
            for what in sys.argv[1:]:
                ProbeJob.create_sync(what=what)
        """,
    )
    app.start("run-script", "Application/Script/Plain.py", "a", "--b").wait_for_exit(0)
    rows_found = rows.conn.execute("SELECT what FROM probe_jobs ORDER BY id").fetchall()
    assert rows_found == [("a",), ("--b",)]


def test_error_in_a_script_is_shown_without_the_runtimes_frames(app: Application) -> None:
    app.write("Bad.py", "async def run():\n    raise ValueError('mine')\n")
    output = app.start("run-script", "Bad.py").wait_for_exit(1)
    assert output.splitlines()[-1] == "ValueError: mine"
    assert "jobgen_runtime" not in output
    assert "asyncio" not in output
    app.write("Twice.py", INSERTS.replace("create(", "create(run_at='never', "))
    output = app.start("run-script", "Twice.py").wait_for_exit(1)
    assert "invalid input syntax" in output
    assert "Twice.py" in output
    assert "psycopg/" not in output
    assert "jobgen_runtime" not in output
    app.write("Worse.py", "import nothing_of_that_name\n")
    output = app.start("run-script", "Worse.py").wait_for_exit(1)
    assert "jobgen_runtime" not in output
    assert "importlib" not in output


def test_missing_function_file_and_project_are_reported(app: Application, tmp_path: Path) -> None:
    app.write("Empty.py", "")
    assert "has no function run()" in app.start("run-script", "Empty.py").wait_for_exit(1)
    assert "no file Missing.py" in app.start("run-script", "Missing.py").wait_for_exit(1)
    app.write("Application/Script/Insert.py", INSERTS)
    output = app.start("run-script", "Insert").wait_for_exit(1)
    assert "no file Insert.\nDid you mean Application/Script/Insert.py?" in output
    (tmp_path / "Alone.py").write_text("def run(): pass\n")
    assert "No project" in app.start("run-script", str(tmp_path / "Alone.py")).wait_for_exit(1)
    output = app.start("run-script").wait_for_exit(2)
    assert output.splitlines() == [
        "run-script: The following arguments are required: FILE.",
        "`run-script --help` shows what it takes.",
    ]


def test_missing_and_unreachable_database_are_reported(app: Application) -> None:
    app.write("Insert.py", INSERTS)
    del app.env["DATABASE_URL"]
    output = app.start("run-script", "Insert.py").wait_for_exit(1)
    assert "jobgen postgres start" in output
    assert "Traceback" not in output
    app.env["DATABASE_URL"] = "postgresql://someone@/x?host=/nowhere"
    output = app.start("run-script", "Insert.py").wait_for_exit(1)
    assert "does not answer" in output
    assert "Traceback" not in output


def test_projects_own_server_is_found_from_the_scripts_file(app: Application, rows: Rows) -> None:
    script = app.write("Application/Script/Insert.py", INSERTS)
    app.write(".jobgen/database_url", app.env.pop("DATABASE_URL") + "\n")
    app.start("run-script", str(script), cwd=Path("/")).wait_for_exit(0)
    assert rows.conn.execute("SELECT count(*) FROM probe_jobs").fetchone() == (1,)


def test_script_may_have_the_name_of_another_module(app: Application) -> None:
    app.write(
        "Application/Script/json.py",
        """
        import sys
        from dataclasses import dataclass
        from typing import get_type_hints

        @dataclass
        class Report:
            rows: "int"

        def run():
            import json
            print(json.dumps(vars(Report(3))), get_type_hints(Report)["rows"].__name__)
        """,
    )
    shown = app.start("run-script", "Application/Script/json.py").wait_for_exit(0)
    assert shown == '{"rows": 3} int'


def test_setup_module_is_imported_before_a_script(app: Application) -> None:
    config = app.root / "pyproject.toml"
    settings = config.read_text()
    config.write_text(settings.replace("[tool.jobgen]", '[tool.jobgen]\nsetup = "Boot"'))
    app.write("Ask.py", "import os\nASKED = os.environ['BOOT']\n\n\ndef run():\n    print(ASKED)\n")
    output = app.start("run-script", "Ask.py").wait_for_exit(1)
    assert "[tool.jobgen] setup: there is no module Boot." in output
    app.write("Boot.py", "import os\nos.environ['BOOT'] = 'set up'\n")
    assert app.start("run-script", "Ask.py").wait_for_exit(0) == "set up"
    app.write("Boot.py", "import nothing_of_that_name\n")
    output = app.start("run-script", "Ask.py").wait_for_exit(1)
    assert "No module named 'nothing_of_that_name'" in output
