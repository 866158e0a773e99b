"""An empty cluster in the cache that new clusters are copied from, made once per version."""

from __future__ import annotations

import hashlib
import shlex
from pathlib import Path

from jobgen.errors import JobgenError
from jobgen.postgres.account import Account
from jobgen.postgres.binaries import Binaries
from jobgen.postgres.cluster import create_cluster, initdb_script, sync_script
from jobgen.postgres.locks import locked
from jobgen.postgres.system_folders import state_folder

_LOCK_TIMEOUT = 60.0
"""Seconds to wait for another process that creates the template."""


def create_script(binaries: Binaries, account: Account, data: Path) -> str:
    """Return a shell command with which `account` creates an empty cluster in the folder `data`.

    It copies the template, which takes a fraction of the time of initdb. Without a template, as
    where this user has no cache folder, it is initdb.
    """
    try:
        template = _template(binaries, account)
    except (JobgenError, OSError):
        return initdb_script(binaries, data)
    # The folder may exist, and be empty.
    make = ("mkdir", "-p", str(data))
    copy = ("cp", "-R", f"{template}/.", str(data))
    return f"{shlex.join(make)} && {shlex.join(copy)}"


def _template(binaries: Binaries, account: Account) -> Path:
    """Return a data folder that no server has run on, created at its first use.

    Raises:
        JobgenError: It cannot be created.
        OSError: The cache folder cannot be written to.
    """
    folder = state_folder("cache") / f"cluster-{_key(binaries, account)}"
    data = folder / "data"
    if not data.exists():
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)  # whatever the umask is: the account has to enter it
        with locked(folder / "lock", timeout=_LOCK_TIMEOUT, holder="Another jobgen") as lock:
            if not data.exists():
                create_cluster(
                    # Every later server is a copy, also those after a crash of the machine.
                    lambda partial: (
                        f"{initdb_script(binaries, partial)} && {sync_script(binaries, partial)}"
                    ),
                    data,
                    account,
                    lock,
                )
    return data


def _key(binaries: Binaries, account: Account) -> str:
    """Return the name of a template: all with this name are the same.

    Installed servers of the same version may have been built in different ways.
    """
    build = "" if binaries.extensions else str(binaries.bin)
    recipe = initdb_script(Binaries(Path("bin"), binaries.version), Path("data"))
    parts = repr((build, account.uid, recipe))
    return f"{binaries.version}-{hashlib.sha256(parts.encode()).hexdigest()[:16]}"
