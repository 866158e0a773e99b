"""A server's data folder: created completely or not at all, for one major version."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from jobgen.errors import JobgenError
from jobgen.postgres.account import Account
from jobgen.postgres.binaries import Binaries
from jobgen.postgres.postmaster import ROLE

_OPTIONS = (
    f"--username={ROLE}",
    "--encoding=UTF8",
    # The folder's mode protects the socket; a password protects TCP.
    "--auth-local=trust",
    "--auth-host=scram-sha-256",
    # A crash of the machine during initdb loses an empty database only.
    "--no-sync",
)
# Sort order and case mapping are the same on every machine, whatever its locales.
_BUILTIN_LOCALE = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
_LIBC_LOCALE = ("--locale=C", f"--lc-ctype={'UTF-8' if sys.platform == 'darwin' else 'C.UTF-8'}")
_BUILTIN_LOCALE_SINCE = 17
_SETTINGS = """
shared_buffers = 64MB
max_connections = 200
# A schema of thousands of tables is created in one transaction.
max_locks_per_transaction = 256
"""


def initdb_script(binaries: Binaries, data: Path) -> str:
    """Return a shell command that creates an empty cluster in the folder `data`."""
    builtin = binaries.major >= _BUILTIN_LOCALE_SINCE
    locale = _BUILTIN_LOCALE if builtin else _LIBC_LOCALE
    initdb = shlex.join((str(binaries.program("initdb")), "-D", str(data), *_OPTIONS, *locale))
    # initdb has an option for settings since version 16 only.
    configuration = shlex.quote(str(data / "postgresql.conf"))
    return f"{initdb} && printf %s {shlex.quote(_SETTINGS)} >> {configuration}"


def sync_script(binaries: Binaries, data: Path) -> str:
    """Return a shell command that waits until a cluster's files are on disk."""
    return shlex.join((str(binaries.program("initdb")), "-D", str(data), "--sync-only"))


def create_cluster(script: Callable[[Path], str], data: Path, account: Account, lock: int) -> None:
    """Create an empty data folder at `data`, which must not exist.

    The script writes to another name that is renamed at the end. The next call removes the files
    of an interrupted one.

    Args:
        script: Returns the shell command that creates a cluster in an empty folder.
        data: The path of the new folder.
        account: The account that the server will run as.
        lock: The open file of the caller's lock. The command inherits it, so that no other one
            interferes with an initdb that outlives its caller.

    Raises:
        JobgenError: The command failed. The message has the end of its output.
    """
    partial = data.with_name(f"{data.name}.partial")
    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(mode=0o700)
    account.own(partial)
    result = account.run(("/bin/sh", "-c", script(partial)), keep=(lock,))
    if result.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        raise JobgenError(
            f"The database in {data} cannot be created:\n{_indented(result.stdout)}",
            hint=_hint(result.stdout),
        )
    partial.rename(data)


def check_version(binaries: Binaries, data: Path) -> None:
    """Check that a data folder belongs to this major version, before a server opens it.

    Raises:
        JobgenError: It belongs to another version, or is not a data folder.
    """
    try:
        found = (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise JobgenError(
            f"{data} is not a PostgreSQL data folder: it has no PG_VERSION.",
            hint="Move it away, then run `jobgen postgres start` for a new database.",
        ) from None
    if found != str(binaries.major):
        raise JobgenError(
            f"The data in {data} belongs to PostgreSQL {found}, and this is {binaries.version}.",
            hint="To use it as it is, set [tool.jobgen.postgres] bin to the programs of a"
            f" PostgreSQL {found}. To move the data, start it there, write a dump with pg_dump,"
            f" move {data} away, run `jobgen postgres start` and load the dump with"
            " `jobgen postgres psql -- -f DUMP`. Otherwise move the folder away.",
        )


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.strip().splitlines()[-20:])


def _hint(output: str) -> str | None:
    if "could not look up effective user ID" in output:
        return "The current user has no entry in /etc/passwd. Add one, or set DATABASE_URL."
    if "No space left on device" in output:
        return "Free some space: an empty database takes about 40 MB."
    return None
