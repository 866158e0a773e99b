"""Build the programs of an application, and move them to a folder without the application."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.application.commands import run
from tests.support.programs import LIBPYTHON, OBJDUMP

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
    without_pyinstaller: str


def build_programs(environment: Path, created: Path, folder: Path) -> Programs:
    """Build the programs of a copy of an application into `folder`, and delete the copy."""
    source = folder / "source"
    shop = source / "shop"
    shutil.copytree(created, shop)
    (shop / "Web/Job/EmailCustomers.py").write_text(EMAIL)
    (shop / "Web/Templates").mkdir()
    (shop / "Web/Templates/mail.txt").write_text("Hello,")
    (shop / ".env").write_text("SECRET=1")
    (shop / "tests").mkdir(exist_ok=True)
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
    standalone = (Path(sys.executable).with_name("jobgen"), "build", "run-jobs", "--standalone")
    if OBJDUMP.find() and LIBPYTHON.find():
        run(*standalone, "--output", folder / "standalone", cwd=shop, path=environment)
    (shop / ".venv").unlink()
    without_pyinstaller = _refused(environment / "jobgen", *standalone[1:], cwd=shop)
    build = (environment / "jobgen", "build", "script", "RunEmailCustomersJob")
    run(*build, cwd=shop, path=environment)
    run(*build, "--no-verify", "--output", folder / "again", cwd=shop, path=environment)
    script = shop / "build/bin/Script/RunEmailCustomersJob"
    again = folder / "again/Script/RunEmailCustomersJob"
    is_reproducible = script.read_bytes() == again.read_bytes()

    (shop / "Application/Script/RunEmailCustomersJob.py").write_text("import not_in_the_program\n")
    refused = _refused(*build, cwd=shop)
    assert script.read_bytes() == again.read_bytes()
    assert [path.name for path in script.parent.iterdir()] == [script.name]

    schema = (shop / "Application/Schema.sql").read_text()
    for program in (shop / "build/bin/RunJobs", script):
        program.rename(folder / program.name)
    shutil.rmtree(source)
    return Programs(folder, output, refused, is_reproducible, schema, without_pyinstaller)


def _refused(*command: str | Path, cwd: Path) -> str:
    """Return the error of a command that refuses."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done
    return done.stderr
