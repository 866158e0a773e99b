"""A temporary server, which stops when the process that started it exits or is killed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from jobgen.errors import JobgenError
from jobgen.postgres.account import server_account
from jobgen.postgres.binaries import Binaries
from jobgen.postgres.confinement import confined
from jobgen.postgres.embedded import embedded_binaries
from jobgen.postgres.postmaster import (
    ROLE,
    SOCKET_PORT,
    START_TIMEOUT,
    server_command,
    wait_until_ready,
)
from jobgen.postgres.project_binaries import project_binaries
from jobgen.postgres.system_folders import memory_folder, short_temporary_folder
from jobgen.postgres.template import create_script

# The data does not have to survive a crash.
_NO_FSYNC = "fsync=off"
_FAST = (
    _NO_FSYNC,
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum_naptime=1d",
    "max_wal_size=256MB",
)

# Standard input is a pipe whose other end only the starting process holds. It is closed when that
# process closes it or dies; then the server is stopped and its folder removed. The server ignores
# the signal until it has installed a handler, so it is sent repeatedly.
_GUARD = """
folder=$1; log=$2; create=$3; shift 3
exec 3<&0
{ eval "$create" && exec "$@"; } >"$log" 2>&1 3<&- &
server=$!
{ read -r _; while kill -QUIT "$server"; do sleep 0.05; done; } <&3 2>/dev/null &
reader=$!
exec 3<&-
wait "$server"
kill "$reader" 2>/dev/null
tail -n 20 "$log" >&2
rm -rf "$folder"
"""

_NO_CLIENTS = {"PGGSSENCMODE": "require", "PGREQUIREAUTH": "none"}
"""The variables by which libpq in a server refuses to connect to any server.

No Unix socket has what the first one requires. A TCP server has it only for users of Kerberos,
which the second one refuses. A connection string may override both.
"""
# A confined server may not write to the folder of POSIX shared memory.
_CONFINED = ("dynamic_shared_memory_type=mmap",)


@contextmanager
def scratch_server(root: Path) -> Iterator[str]:
    """Start an empty server with the PostgreSQL of the project at `root`, and yield its address.

    The address is that of the superuser and the database `postgres`. It is a temporary server, so
    nothing that SQL does there to roles, settings or other databases reaches another server. Its
    processes are confined: see `confined`.

    Raises:
        JobgenError: The server cannot be started, or the project's options are invalid.
    """
    _check_platform()
    binaries = project_binaries(root, server_account())
    with temporary_server(binaries=binaries, isolated=True) as url:
        yield url


@contextmanager
def temporary_server(
    settings: Sequence[str] = _FAST,
    *,
    binaries: Binaries | None = None,
    isolated: bool = False,
) -> Iterator[str]:
    """Start an empty server in a temporary folder, and yield the address of its database.

    The server is stopped and its folder removed after the block, and also when this process is
    killed during it. Connections that SQL opens there, as with dblink, go to this server unless
    they name a host.

    Args:
        settings: Lines of postgresql.conf. The default trades durability for speed. Without
            fsync, the folder is in memory if there is enough.
        binaries: The programs of PostgreSQL; None for the embedded ones.
        isolated: Whether SQL can neither open connections there, nor write files elsewhere.

    Raises:
        JobgenError: The server cannot be started.
    """
    _check_platform()
    account = server_account()
    binaries = binaries or embedded_binaries(account)
    in_memory = memory_folder() if _NO_FSYNC in settings else None
    parent = in_memory or short_temporary_folder()
    folder = Path(tempfile.mkdtemp(prefix="jobgen-", dir=parent))
    try:
        # The folder belongs to `account`, because the guard process removes it as that account.
        account.own(folder)
        data = folder / "data"
        log = folder / "log"
        create = create_script(binaries, account, data)
        more = _CONFINED if isolated else ()
        command = server_command(binaries, data, folder, None, *settings, *more)
        start = partial(
            account.popen,
            ("/bin/sh", "-c", _GUARD, "sh", folder, log, create, *command),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            variables={**_own_address(folder), **(_NO_CLIENTS if isolated else {})},
        )
        guard = confined(start, folder) if isolated else start()
        try:
            with guard:
                try:
                    postmaster = wait_until_ready(data, log, lambda: guard.poll() is not None)
                except JobgenError:
                    _, ending = guard.communicate(timeout=START_TIMEOUT)
                    raise JobgenError(f"PostgreSQL did not start:\n{ending.strip()}") from None
                yield postmaster.url(ROLE)
        finally:
            guard.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _own_address(folder: Path) -> Mapping[str, str]:
    """Return libpq's variables by which the server's own clients reach this server by default.

    No password file or service file of a user is found from there either.
    """
    return {
        "PGHOST": str(folder),
        "PGPORT": str(SOCKET_PORT),
        "PGUSER": ROLE,
        "PGDATABASE": ROLE,
        "PGSYSCONFDIR": str(folder),
        "PGSERVICEFILE": str(folder / "pg_service.conf"),
        "PGPASSFILE": str(folder / "pgpass"),
        "HOME": str(folder),
    }


def _check_platform() -> None:
    if sys.platform == "win32":
        raise JobgenError(
            "The embedded PostgreSQL runs on Linux and macOS only.",
            hint="Set DATABASE_URL to the address of a running PostgreSQL.",
        )
