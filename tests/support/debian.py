"""An old PostgreSQL and PgBouncer for the tests: found on this machine, or else Debian's installed.

Only their programs are used. No service is set up, and none is started by the tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
"""Where Debian, Red Hat and Homebrew keep the programs of each major version."""

MISSING = (
    "no {} on this machine: install PostgreSQL 14 to 17 and PgBouncer "
    "(Debian: apt-get install postgresql pgbouncer; Homebrew: brew install postgresql@15 pgbouncer)"
)


def old_postgres() -> Path | None:
    """The folder of the programs of the oldest PostgreSQL on this machine."""
    found = [path for pattern in FOLDERS for path in Path("/").glob(f"{pattern[1:]}/postgres")]
    return min((path.parent for path in found), key=_major, default=None)


def _major(programs: Path) -> int:
    output = subprocess.check_output([programs / "postgres", "-V"], text=True)
    return int(output.split()[2].partition(".")[0])


def pgbouncer() -> str | None:
    """The path of PgBouncer."""
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def found(what: T | None, name: str) -> T:
    """What a test needs. Raises RuntimeError that says what to install."""
    if what is None:
        raise RuntimeError(MISSING.format(name))
    return what


def install() -> None:
    """As root on Debian, install what is missing; else say what to install."""
    if old_postgres() and pgbouncer():
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(MISSING.format("old PostgreSQL, or no PgBouncer,"), file=sys.stderr)
        return
    # Before the package comes: it would make a cluster, and a service that starts it.
    settings = Path("/etc/postgresql-common/createcluster.conf")
    if not settings.exists():
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text("create_main_cluster = false\n")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    packages = ("--no-install-recommends", "postgresql", "pgbouncer")
    for arguments in (("update", "-qq"), ("install", "-y", "-qq", *packages)):
        subprocess.run(
            ["apt-get", *arguments], check=True, env=environment, stdout=subprocess.DEVNULL
        )


if __name__ == "__main__":
    install()
