"""Projects whose servers are stopped and cleared away, and people who are not root."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from jobgen.postgres import Server

PATIENCE = 30.0
CONFIG = '[project]\nname = "shop"\n\n[tool.jobgen]\n'


def eventually(condition: Callable[[], bool]) -> None:
    """Wait for what another process brings about."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Whether a process runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def socket_folder_of(url: str) -> Path:
    """The folder that an address names as its host."""
    return Path(str(conninfo_to_dict(url)["host"]))


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, which pytest's own folders are not."""
    folder = Path(tempfile.mkdtemp(prefix="jobgen-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def make_project() -> Iterator[Callable[[Path], Path]]:
    """Makes a project at a path; its server is stopped and its data removed at the end."""
    made: list[Path] = []

    def make(root: Path) -> Path:
        root.mkdir(parents=True)
        (root / "pyproject.toml").write_text(CONFIG)
        made.append(root)
        return root

    yield make
    for root in made:
        if root.exists():
            clear_away(root)


def clear_away(root: Path) -> None:
    """Stop a project's server and remove its data, wherever it is."""
    Server(root).stop()
    cluster = root / ".jobgen/postgres/cluster.json"
    if cluster.exists():
        data = Path(json.loads(cluster.read_text())["data"])
        if not data.is_relative_to(root.resolve()):
            shutil.rmtree(data.parent)


@pytest.fixture
def project(open_folder: Path, make_project: Callable[[Path], Path]) -> Path:
    """An empty project in a folder that everybody may enter."""
    return make_project(open_folder / "shop")


@dataclass(frozen=True)
class Person:
    """Somebody who is not root, and runs jobgen in processes of their own."""

    uid: int
    gid: int
    folder: Path

    def popen(self, code: str, cwd: Path | None = None) -> subprocess.Popen[str]:
        """Start Python code; its output is to be read."""
        return subprocess.Popen(
            [
                sys.executable,
                "-c",
                f"{self._become()}os.chdir({str(cwd or self.folder)!r})\n{code}",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, code: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run Python code to its end."""
        process = self.popen(code, cwd)
        stdout, stderr = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def jobgen(self, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run the command line."""
        return self.run(f"sys.argv[1:] = {arguments!r}\njobgen.cli.main.main()", cwd)

    def _become(self) -> str:
        """Code that imports what is needed and then gives root's rights up.

        In this order, because python and the checkout may be where only root may enter.
        """
        return _IMPORTS + (_DROP.format(self=self) if os.geteuid() == 0 else "")


_IMPORTS = """
import codecs, os, sys
import psycopg
import jobgen.cli.main, jobgen.cli.postgres, jobgen.cli.migrate
from pathlib import Path
from jobgen.postgres import Server, temporary_server
codecs.lookup("utf-8-sig"), codecs.lookup("idna")
"""
_DROP = """
from jobgen.postgres.account import Account
from jobgen.postgres.binaries import binaries_for, installed_binaries
sys.path.insert(0, str(binaries_for(Account({self.uid}, {self.gid})).package.parent))
installed_binaries.cache_clear()
installed_binaries()
os.setgroups([])
os.setgid({self.gid})
os.setuid({self.uid})
os.environ["HOME"] = "{self.folder}"
"""


@pytest.fixture
def person(open_folder: Path) -> Person:
    """The user who runs the tests, or an unprivileged one if that is root."""
    if os.geteuid() != 0:
        return Person(os.getuid(), os.getgid(), open_folder)
    entry = pwd.getpwnam("nobody")
    home = open_folder / "home"
    home.mkdir()
    os.chown(home, entry.pw_uid, entry.pw_gid)
    return Person(entry.pw_uid, entry.pw_gid, home)
