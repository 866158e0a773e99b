"""Every command and snippet of README.md and docs/ does what the document shows."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.docs.snippets import Command, Snippet, Step, Write, steps
from tests.support import forked
from tests.support.environment import compile_what_is_imported, leave_out_other_plugins
from tests.support.forked import BIN

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOP = "<!-- begins in: shop -->"
"""A document with this line starts in a finished application whose database is up to date."""

FORKED = ("jobgen", "manage-jobs", "run-jobs")
"""Commands that are forked where they would run from the environment of the tests."""

SIMPLE = re.compile(r"""(?: |[\w@%+=:,./-]|'[^'\n]*'|"[^"$`\\\n]*")+""")
"""A command in which the shell only finds the words."""

IMPORTS = ("asyncio", "jobgen_runtime", "jobgen_runtime.database", "psycopg")
"""What Python blocks import."""

CUSTOMERS = """
CREATE TABLE customers (
    id UUID DEFAULT uuidv7() PRIMARY KEY NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL
);
"""


class Shell:
    """A terminal: each command starts in the folder and environment of the one before."""

    def __init__(self, folder: Path, state: Path) -> None:
        self.folder = folder
        self.state = state
        self.environment = {
            **os.environ,
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        }
        self.environment.pop("DATABASE_URL", None)
        compile_what_is_imported(self.environment)
        leave_out_other_plugins(self.environment)

    def jobgen(self, *arguments: str) -> None:
        """Run `jobgen` for what no document shows, which a fork of it does sooner."""
        command = (str(BIN / "jobgen"), *arguments)
        done = forked.run(command, self.folder, self.environment, timeout=120)
        assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"

    def begin_in_shop(self) -> None:
        """Create the application that a document begins in, and its database."""
        self.jobgen("new", "shop")
        self.folder /= "shop"
        with (self.folder / "Application/Schema.sql").open("a") as schema:
            schema.write(CUSTOMERS)
        self.jobgen("job", "EmailCustomers")
        self.jobgen("postgres", "start")
        self.jobgen("migrate", "--yes")

    def run(self, command: str) -> str:
        """Run a command that must exit with 0, and return its output. `cd` and `export` last."""
        if words := _forked_words(command, self.environment):
            done = forked.run(words, self.folder, self.environment, timeout=300)
            assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
            return done.stdout + done.stderr
        keep = f"code=$?; {{ pwd; env -0; }} > '{self.state}'; exit $code"
        done = subprocess.run(
            ["bash", "-c", f"{command}\n{keep}"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"$ {command}\n{done.stdout}"
        folder, variables = self.state.read_text().split("\n", 1)
        self.folder = Path(folder)
        self.environment = dict(pair.split("=", 1) for pair in variables.split("\0") if pair)
        return done.stdout

    def take(self, step: Step, document: Path) -> None:
        """Run one step of a document."""
        if isinstance(step, Write):
            path = self.folder / step.path
            path.parent.mkdir(parents=True, exist_ok=True)
            before = path.read_text() if step.append else ""
            path.write_text(before + step.text)
        elif isinstance(step, Command):
            output = self.run(step.command)
            for expected in step.expected:
                assert expected in output, (
                    f"$ {step.command}\ndoes not print {expected!r}:\n{output}"
                )
        else:
            self.python(step, document)

    def python(self, snippet: Snippet, document: Path) -> None:
        """Run a Python block with the line numbers of its document."""
        done = forked.run(
            [sys.executable, str(ROOT / "tests/docs/run_snippet.py"), document.name],
            self.folder,
            self.environment,
            timeout=120,
            typed="\n" * (snippet.line - 1) + snippet.code,
            imports=IMPORTS,
        )
        assert done.returncode == 0, f"line {snippet.line}:\n{done.stdout}{done.stderr}"


def _forked_words(command: str, environment: Mapping[str, str]) -> list[str]:
    """Return the words of a command that can be forked; none if it needs a shell."""
    if not SIMPLE.fullmatch(command) or not environment["PATH"].startswith(f"{BIN}{os.pathsep}"):
        return []
    program, *arguments = shlex.split(command)
    return [str(BIN / program), *arguments] if program in FORKED else []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_and_snippets_of_the_document_run(document: Path, tmp_path: Path) -> None:
    text = document.read_text()
    todo = steps(text)
    folder = tmp_path / "work"
    folder.mkdir()
    shell = Shell(folder, tmp_path / "state")
    try:
        if SHOP in text:
            shell.begin_in_shop()
        for step in todo:
            shell.take(step, document)
    finally:
        for database in tmp_path.glob("**/.jobgen/database_url"):
            Shell(database.parents[1], tmp_path / "state").jobgen("postgres", "stop")
