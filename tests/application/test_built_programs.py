"""Programs that `jobgen build` wrote, run where the application and its environment are gone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from jobgen_runtime import install_schema_sync

from tests.application.commands import run

pytestmark = pytest.mark.xdist_group("wheels")

EMAIL = """
from pathlib import Path

from jobgen_runtime import Job

from Generated.Types import EmailCustomersJob


class EmailCustomers(Job[EmailCustomersJob]):
    isolation = "process"

    def perform(self, job: EmailCustomersJob) -> None:
        text = (Path(__file__).parents[1] / "Templates" / "mail.txt").read_text()
        print(f"{text} {job.note}")
        if job.note == "fail":
            raise ValueError("no such customer")
"""


@dataclass(frozen=True)
class Programs:
    """The programs, moved to a folder, and what was seen while they were built."""

    folder: Path
    output: str
    refused: str
    is_reproducible: bool
    schema: str


@pytest.fixture(scope="module")
def programs(environment: Path) -> Iterator[Programs]:
    """The programs of an application that no longer exists, in a folder that anybody can read."""
    with (
        tempfile.TemporaryDirectory(prefix="jobgen programs ") as name,
        tempfile.TemporaryDirectory(prefix="jobgen-pex-") as cache,
        pytest.MonkeyPatch.context() as patched,
    ):
        Path(name).chmod(0o755)
        patched.setenv("PEX_ROOT", cache)
        yield _build(environment, Path(name))


def _build(environment: Path, folder: Path) -> Programs:
    source = folder / "source"
    source.mkdir()
    run("jobgen", "new", "shop", cwd=source, path=environment)
    shop = source / "shop"
    run("jobgen", "job", "EmailCustomers", "note:text?", cwd=shop, path=environment)
    run("jobgen", "script", "RunEmailCustomersJob", cwd=shop, path=environment)
    (shop / "Web/Job/EmailCustomers.py").write_text(EMAIL)
    (shop / "Web/Templates").mkdir()
    (shop / "Web/Templates/mail.txt").write_text("Hello,")
    (shop / ".env").write_text("SECRET=1")
    (shop / "tests").mkdir()
    (shop / "tests/test_shop.py").write_text("")
    with (shop / "pyproject.toml").open("a") as config:
        config.write('\n[tool.jobgen.build]\ninclude = ["Web/Templates/*.txt"]\n')
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.com")
    run("git", "init", "--quiet", ".", cwd=shop)
    run("git", "add", ".", cwd=shop)
    run(*git, "commit", "--quiet", "--message", "All", cwd=shop)
    (shop / ".git/info/exclude").write_text(".venv\n")
    (shop / ".venv").symlink_to(environment.parent)
    output = run("make", "build/bin/RunJobs", cwd=shop, path=environment)
    (shop / ".venv").unlink()
    build = (environment / "jobgen", "build", "script", "RunEmailCustomersJob")
    run(*build, cwd=shop, path=environment)
    run(*build, "--no-verify", "--output", folder / "again", cwd=shop, path=environment)
    script = shop / "build/bin/Script/RunEmailCustomersJob"
    again = folder / "again/Script/RunEmailCustomersJob"
    is_reproducible = script.read_bytes() == again.read_bytes()

    (shop / "Application/Script/RunEmailCustomersJob.py").write_text("import not_in_the_program\n")
    refused = subprocess.run(build, cwd=shop, capture_output=True, text=True, check=False)
    assert refused.returncode == 1, refused
    assert script.read_bytes() == again.read_bytes()
    assert [path.name for path in script.parent.iterdir()] == [script.name]

    schema = (shop / "Application/Schema.sql").read_text()
    for program in (shop / "build/bin/RunJobs", script):
        program.rename(folder / program.name)
    shutil.rmtree(source)
    return Programs(folder, output, refused.stderr, is_reproducible, schema)


@pytest.fixture
def url(programs: Programs, database: str) -> str:
    """The address of a database with the application's tables."""
    with psycopg.connect(database, autocommit=True) as conn:
        install_schema_sync(conn)
        conn.execute(programs.schema.encode())
    return database


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
    status = start(programs, "RunJobs", "manage-jobs", "status", DATABASE_URL=url)
    assert status.startswith("EmailCustomers: 0 waiting, 0 running")


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


def test_same_input_gives_the_same_program(programs: Programs) -> None:
    assert programs.is_reproducible


def test_build_names_the_program_and_its_size(programs: Programs) -> None:
    assert re.search(r"^build/bin/RunJobs  \(\d+\.\d MB\)$", programs.output, re.MULTILINE)


def test_program_that_cannot_import_the_application_is_not_built(programs: Programs) -> None:
    assert "RunEmailCustomersJob was packed, and cannot import the application" in programs.refused
    assert "not_in_the_program" in programs.refused
    assert "`include` in [tool.jobgen.build]" in programs.refused
