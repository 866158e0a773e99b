"""An installed server's programs, which `[tool.jobgen.postgres] bin` names."""

from __future__ import annotations

import re
from pathlib import Path

from jobgen.errors import JobgenError
from jobgen.postgres.account import Account
from jobgen.postgres.binaries import PROGRAMS, Binaries

OLDEST_MAJOR = 14
"""The oldest major version that jobgen works with."""

_OPTION = "[tool.jobgen.postgres] bin"
_EXAMPLE = (
    f"Set it to the folder with the programs {', '.join(PROGRAMS)}, such as"
    " /usr/lib/postgresql/18/bin, or remove the option to use the embedded PostgreSQL."
)
_VERSION = re.compile(r"\(PostgreSQL\) ((\d+)\S*)")


def installed_binaries(folder: Path, account: Account) -> Binaries:
    """Return the programs in `folder`, whose version `account` asks the server for.

    Raises:
        JobgenError: The folder does not have all the programs, the account cannot run them, or
            they are too old.
    """
    if not folder.is_dir():
        raise JobgenError(f"{_OPTION}: {folder} is not a folder.", hint=_EXAMPLE)
    missing = [name for name in PROGRAMS if not (folder / name).is_file()]
    if missing:
        raise JobgenError(
            f"{_OPTION}: {folder} does not contain {', '.join(missing)}.", hint=_hint(folder)
        )
    result = account.run((folder / "postgres", "--version"))
    found = _VERSION.search(result.stdout)
    if result.returncode != 0 or found is None:
        raise JobgenError(
            f"{_OPTION}: {folder / 'postgres'} cannot be run as the user {account.name}. It says:\n"
            f"  {result.stdout.strip() or f'(nothing, exit code {result.returncode})'}",
            hint=_EXAMPLE,
        )
    if int(found[2]) < OLDEST_MAJOR:
        raise JobgenError(
            f"{_OPTION}: {folder} has PostgreSQL {found[1]}, and jobgen needs {OLDEST_MAJOR}"
            " or newer.",
            hint=_EXAMPLE,
        )
    return Binaries(folder, found[1])


def _hint(folder: Path) -> str:
    if (folder / "bin" / "postgres").is_file():
        return f"Set it to {folder / 'bin'}."
    if (folder / "postgres").is_file():
        return (
            "Install PostgreSQL's client programs of the same version there, or remove the option."
        )
    return _EXAMPLE
