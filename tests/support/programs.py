"""Programs that tests need besides Python: found on this machine, or installed from Debian.

`python tests/support/programs.py` installs what is missing, as root on Debian; elsewhere it prints
what to install. Tests whose program is missing are skipped. Only the programs are used: no service
is set up, and tests start none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")

POSTGRES_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
"""Where Debian, Red Hat and Homebrew keep the programs of each major version."""

CREATE_CLUSTER = Path("/etc/postgresql-common/createcluster.conf")
"""Without this file Debian's package creates a cluster, and a service that starts it."""


@dataclass(frozen=True)
class Program(Generic[T]):
    """A program that some tests need, and how to find and install it."""

    name: str
    package: str
    """Debian's."""
    find: Callable[[], T | None]
    """Returns where it is, or None if this machine does not have it."""

    def require(self) -> T:
        """Return where the program is, or skip the test with a reason that says what to install."""
        import pytest

        found = self.find()
        if found is None:
            pytest.skip(f"needs {self.name}: `apt-get install {self.package}` or the like")
        return found


def _find_old_postgres() -> Path | None:
    found = [
        path for pattern in POSTGRES_FOLDERS for path in Path("/").glob(f"{pattern[1:]}/postgres")
    ]
    return min((path.parent for path in found), key=major_version, default=None)


@cache
def major_version(programs: Path) -> int:
    """Return the major version of the `postgres` in a folder."""
    output = subprocess.check_output([programs / "postgres", "-V"], text=True)
    return int(output.split()[2].partition(".")[0])


def _find_pgbouncer() -> str | None:
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def _find_faketime() -> Path | None:
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


def _find_libpython() -> Path | None:
    folder, arch, name = map(sysconfig.get_config_var, ("LIBDIR", "MULTIARCH", "INSTSONAME"))
    # Debian's interpreter is not linked to the library, which is in a separate package.
    found = (Path(folder, part, name or "libpython.so") for part in ("", arch or ""))
    return next((path for path in found if ".so" in path.name and path.exists()), None)


OLD_POSTGRES = Program("a PostgreSQL before 18", "postgresql", _find_old_postgres)
"""The folder with the programs of the oldest version on this machine."""

PGBOUNCER = Program("PgBouncer", "pgbouncer", _find_pgbouncer)

FAKETIME = Program("libfaketime", "faketime", _find_faketime)
"""The library to preload."""

IP = Program("ip", "iproute2", partial(shutil.which, "ip"))

BASH = Program("bash", "bash", partial(shutil.which, "bash"))
ZSH = Program("zsh", "zsh", partial(shutil.which, "zsh"))
FISH = Program("fish", "fish", partial(shutil.which, "fish"))

SYSTEMD_ANALYZE = Program("systemd-analyze", "systemd", partial(shutil.which, "systemd-analyze"))

OBJDUMP = Program("objdump", "binutils", partial(shutil.which, "objdump"))
LIBPYTHON = Program(
    "Python's shared library",
    f"libpython{sys.version_info.major}.{sys.version_info.minor}",
    _find_libpython,
)
"""Without it PyInstaller cannot pack the interpreter."""

BUSYBOX = Program("a static BusyBox", "busybox-static", partial(shutil.which, "busybox"))


def install() -> None:
    """Install the programs that are missing as root on Debian; else print what to install."""
    programs: list[Program[Path] | Program[str]] = [OLD_POSTGRES, PGBOUNCER, FAKETIME, IP]
    programs += [BASH, ZSH, FISH, SYSTEMD_ANALYZE, OBJDUMP, LIBPYTHON, BUSYBOX]
    missing = [program for program in programs if program.find() is None]
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        for program in missing:
            print(f"Tests that need {program.name} are skipped: it is missing.", file=sys.stderr)
        return
    if not CREATE_CLUSTER.exists():
        CREATE_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
        CREATE_CLUSTER.write_text("create_main_cluster = false\n")
    apt_get("update")
    apt_get("install", "--yes", "--no-install-recommends", *(each.package for each in missing))


def apt_get(*arguments: str) -> None:
    """Run apt-get without questions, printing errors only."""
    subprocess.run(
        ["apt-get", "-qq", *arguments],
        check=True,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdout=subprocess.DEVNULL,
    )


if __name__ == "__main__":
    install()
