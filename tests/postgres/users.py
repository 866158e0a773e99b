"""Users other than root, who run Python code and jobgen in separate processes."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class User:
    """A user other than root, with a folder to work in."""

    uid: int
    gid: int
    folder: Path

    def popen(self, code: str, cwd: Path | None = None) -> subprocess.Popen[str]:
        """Start Python code with its output in pipes."""
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
        """Run Python code and return its output."""
        process = self.popen(code, cwd)
        stdout, stderr = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def jobgen(self, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run `jobgen` with arguments."""
        return self.run(f"sys.argv[1:] = {arguments!r}\njobgen.cli.main.main()", cwd)

    def _become(self) -> str:
        """Return code that imports the modules to use and then gives up root's rights.

        The imports are first, because only root may be able to read Python and the checkout.
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
from jobgen.postgres.embedded import embedded_binaries, wheel_package
package = embedded_binaries(Account({self.uid}, {self.gid})).bin.parents[1]
sys.path.insert(0, str(package.parent))
wheel_package.cache_clear()
wheel_package()
os.setgroups([])
os.setgid({self.gid})
os.setuid({self.uid})
os.environ["HOME"] = "{self.folder}"
"""
