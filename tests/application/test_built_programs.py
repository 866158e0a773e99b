"""Programs that `jobgen build` wrote, run where the application and its environment are gone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import psycopg
import pytest

from tests.application.programs import EMAIL, Programs

pytestmark = pytest.mark.xdist_group("wheels")


def start(
    programs: Programs, *words: str, code: int = 0, user: int | None = None, **variables: str
) -> str:
    """Run a program as on another machine, and return what it prints."""
    environ = {
        "PATH": f"{Path(sys.base_prefix, 'bin')}:/usr/bin:/bin",
        "PEX_ROOT": os.environ["PEX_ROOT"],
        **variables,
    }
    done = subprocess.run(
        [programs.folder / words[0], *words[1:]],
        cwd="/",
        env=environ,
        user=user,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stdout
    return done.stdout


def rows(url: str) -> list[tuple[str, str | None]]:
    with psycopg.connect(url) as conn:
        found = conn.execute("SELECT status::text, last_error FROM email_customers_jobs")
        return list(found.fetchall())


def test_built_script_inserts_a_job_that_the_built_worker_runs(
    programs: Programs, url: str
) -> None:
    start(programs, "RunEmailCustomersJob", "--note", "Ada", DATABASE_URL=url)
    done = start(programs, "RunJobs", "--drain", "--processes", "2", DATABASE_URL=url)
    assert "Hello, Ada" in done
    assert rows(url) == [("job_status_succeeded", None)]
    (programs.folder / "manage-jobs").symlink_to("RunJobs")
    for command in (["RunJobs", "manage-jobs", "status"], ["manage-jobs", "status"]):
        status = start(programs, *command, DATABASE_URL=url)
        assert status.startswith("EmailCustomers: 0 waiting, 0 running, 1 succeeded")


def test_error_of_a_built_job_names_its_file_and_line(programs: Programs, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("INSERT INTO email_customers_jobs (note, attempts_count) VALUES ('fail', 99)")
    start(programs, "RunJobs", "--drain", code=1, DATABASE_URL=url)
    [(status, error)] = rows(url)
    assert status == "job_status_failed"
    line = 1 + EMAIL.splitlines().index('            raise ValueError("no such customer")')
    assert f'/Web/Job/EmailCustomers.py", line {line}, in perform' in (error or "")
    assert 'raise ValueError("no such customer")' in (error or "")


def test_built_programs_tell_what_they_were_built_from(programs: Programs) -> None:
    pattern = r"of shop 0\.1\.0 \([0-9a-f]{12}\), jobgen-runtime 0\.1\.0, Python 3\.\d+\.\d+\n"
    assert re.fullmatch(f"RunJobs {pattern}", start(programs, "RunJobs", "--version"))
    assert re.fullmatch(
        f"RunEmailCustomersJob {pattern}", start(programs, "RunEmailCustomersJob", "--version")
    )


def test_built_script_checks_its_arguments(programs: Programs) -> None:
    helped = start(programs, "RunEmailCustomersJob", "--help")
    assert helped.startswith("usage: RunEmailCustomersJob [-h] [--note TEXT]")
    refused = start(programs, "RunEmailCustomersJob", "--note", code=2)
    assert "expected one argument" in refused
    assert "DATABASE_URL is not set." in start(programs, "RunJobs", code=1)


def test_built_program_contains_neither_secrets_nor_tests_nor_jobgen(programs: Programs) -> None:
    with zipfile.ZipFile(programs.folder / "RunJobs") as packed:
        names = packed.namelist()
    application = {
        name.partition("/root/")[2]
        for name in names
        if name.startswith("_jobgen_application/root/")
    }
    assert {each for each in application if each and not each.endswith("/")} == {
        "Application/Script/RunEmailCustomersJob.py",
        "Generated/Types.py",
        "Web/FrontController.py",
        "Web/Job/EmailCustomers.py",
        "Web/Templates/mail.txt",
        "Web/Worker.py",
        "WorkerMain.py",
        "pyproject.toml",
    }
    assert not [name for name in names if name.startswith((".deps/jobgen-", ".deps/pex-"))]


def test_built_program_runs_for_a_user_without_a_home(programs: Programs) -> None:
    nobody = 65534
    shown = start(programs, "RunJobs", "--version", user=nobody, PEX_ROOT="", HOME="/nonexistent")
    assert "RunJobs of shop 0.1.0" in shown
    assert "/nonexistent/.cache/pex" in shown  # pex says that it could not keep what it unpacked


def test_built_program_names_the_python_that_is_missing(programs: Programs, tmp_path: Path) -> None:
    shown = start(programs, "RunJobs", code=1, PATH="/missing", PEX_ROOT=str(tmp_path / "new"))
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert shown == f"RunJobs needs {python}, which is not on the PATH.\n"


def test_same_input_gives_the_same_program(programs: Programs) -> None:
    assert programs.is_reproducible


def test_build_names_the_program_and_its_size(programs: Programs) -> None:
    assert re.search(r"^build/bin/RunJobs  \(\d+\.\d MB\)$", programs.output, re.MULTILINE)


def test_program_that_cannot_import_the_application_is_not_built(programs: Programs) -> None:
    assert "RunEmailCustomersJob was packed, and cannot import the application" in programs.refused
    assert "not_in_the_program" in programs.refused
    assert "`include` in [tool.jobgen.build]" in programs.refused
