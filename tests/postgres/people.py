"""People who are not root, and run jobgen in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


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
