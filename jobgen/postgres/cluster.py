"""A server's data: made whole or not at all, and never read by another major version."""

from __future__ import annotations

import shutil
from pathlib import Path

from jobgen.errors import JobgenError
from jobgen.postgres.account import Account
from jobgen.postgres.binaries import Binaries
from jobgen.postgres.postmaster import ROLE

INITDB_OPTIONS = (
    f"--username={ROLE}",
    "--encoding=UTF8",
    # The same order and the same upper case on every machine, without its locales.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    # Sockets are guarded by their folder's mode; TCP, where asked for, by a password.
    "--auth-local=trust",
    "--auth-host=scram-sha-256",
    "--no-instructions",
    # Development data: a machine that dies in this second costs an empty database.
    "--no-sync",
    "--set=shared_buffers=64MB",
    "--set=max_connections=200",
    # A schema of thousands of tables is made in one transaction.
    "--set=max_locks_per_transaction=256",
)


def create_cluster(binaries: Binaries, data: Path, account: Account, lock: int) -> None:
    """Make an empty cluster at `data`, which is not there yet.

    initdb works under another name, which is renamed when it is done: what a killed
    one leaves behind is cleared away by the next. `lock` is the open file of the lock that
    the caller holds; initdb holds it too, and so is not disturbed when it outlives the caller.
    """
    partial = data.with_name(f"{data.name}.partial")
    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(mode=0o700)
    account.own(partial)
    command = (binaries.program("initdb"), "-D", partial, *INITDB_OPTIONS)
    result = account.run(command, keep=(lock,))
    if result.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        raise JobgenError(
            f"PostgreSQL could not make its data in {data}:\n{_indented(result.stdout)}",
            hint=_hint(result.stdout),
        )
    partial.rename(data)


def check_version(binaries: Binaries, data: Path) -> None:
    """Refuse data of another major version, before anything opens it."""
    try:
        found = (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise JobgenError(
            f"{data} is not a PostgreSQL data folder: it has no PG_VERSION",
            hint="Move it away; `jobgen postgres start` then makes a new one.",
        ) from None
    if found != str(binaries.major):
        raise JobgenError(
            f"the data in {data} was made by PostgreSQL {found}, and this is {binaries.version}",
            hint=f"To keep the data: start it with a PostgreSQL {found}, write a dump with"
            f" pg_dump, move {data} away, run `jobgen postgres start` and load the dump with"
            " `jobgen postgres psql -- -f DUMP`. Else: move the folder away.",
        )


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.strip().splitlines()[-20:])


def _hint(output: str) -> str | None:
    if "could not look up effective user ID" in output:
        return "The current user has no entry in /etc/passwd: add one, or set DATABASE_URL."
    if "No space left on device" in output:
        return "Make some room: an empty database takes about 40 MB."
    return None
