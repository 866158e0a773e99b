"""A server to throw away: it ends with the process that asked for it, however that ends."""

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
from jobgen.postgres.places import short_temporary_folder
from jobgen.postgres.postmaster import PATIENCE, ROLE, server_command, wait_until_ready

# Nothing in it outlives a crash anyway.
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum_naptime=1d")

# Standard input is a pipe that only the asking process holds: it closes when that
# process lets go of it or dies, and then the server and its folder go.
# initdb and the server ignore the signal until they have a handler for it, hence the loop.
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
    """A new, empty server in a temporary folder: the address of its database `postgres`.

    Takes about half a second. Server and folder are gone at the end of the block, and
    also when this process is killed within it. `settings` are lines of postgresql.conf;
    unless given, they trade the data's safety for speed. `binaries` and `initdb_options` are
    those of another PostgreSQL than the wheel's.
    """
    if sys.platform == "win32":
        raise JobgenError(
            "the embedded PostgreSQL runs on Linux and macOS only",
            hint="Set DATABASE_URL to a PostgreSQL that is running.",
        )
    account = server_account()
    binaries = binaries or binaries_for(account)
    folder = Path(tempfile.mkdtemp(prefix="jobgen-", dir=short_temporary_folder()))
    try:
        # The guard removes the folder as `account`, to whom it therefore belongs.
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
                    _, ending = guard.communicate(timeout=PATIENCE)
                    raise JobgenError(f"PostgreSQL did not start:\n{ending.strip()}") from None
                yield postmaster.url(ROLE)
        finally:
            guard.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
