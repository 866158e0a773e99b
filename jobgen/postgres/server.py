"""A project's server: started, stopped and found again by its files alone."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from jobgen.errors import JobgenError
from jobgen.postgres.account import Account, owner_account, server_account
from jobgen.postgres.binaries import Binaries, binaries_for
from jobgen.postgres.cluster import check_version, create_cluster
from jobgen.postgres.databases import ensure_database, set_password
from jobgen.postgres.folder import Cluster, ServerFolder, database_name, replace_private
from jobgen.postgres.locks import is_held, locked
from jobgen.postgres.places import is_private, socket_folder
from jobgen.postgres.postmaster import (
    ROLE,
    Postmaster,
    answers,
    is_postgres,
    read_postmaster,
    server_command,
    wait_until_ready,
)

_COMMAND_PATIENCE = 90.0
_ORPHAN_PATIENCE = 20.0
_STOP_PATIENCE = 30.0
_EXIT_PATIENCE = 2.0
"""Seconds from a killed process's letting go of its locks to its end."""
# Said of backends that outlive a killed server for a moment.
_ORPHANS = "a process of the server that was killed"


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of a project's server; `url` and `pid` only while it runs."""

    running: bool
    data: Path | None
    log: Path
    url: str | None = None
    tcp_url: str | None = None
    pid: int | None = None


class Server:
    """The embedded server of the project at `root`.

    Any number of processes may hold one: all that is known stands in
    `.jobgen/postgres/`, and every change is made under a lock.
    """

    def __init__(self, root: Path) -> None:
        if sys.platform == "win32":
            raise JobgenError(
                "the embedded PostgreSQL runs on Linux and macOS only",
                hint="Set DATABASE_URL to a PostgreSQL that is running.",
            )
        self._files = ServerFolder(root)

    def start(self, port: int | None = None) -> str:
        """Start the server unless it runs: the address of the project's database.

        The first start makes the data and the database. `port` also opens that TCP port
        on the loopback interface, with a password (see `status().tcp_url`).

        Raises:
            JobgenError: it cannot start, or runs already without this port.
        """
        self._files.make()
        with locked(self._files.lock, patience=_COMMAND_PATIENCE, holder="another jobgen") as lock:
            cluster, account, binaries = self._prepared(lock)
            postmaster = self._found(cluster, account)
            if postmaster is None:
                postmaster = self._launch(cluster, account, binaries, port)
            elif port is not None and not (postmaster.tcp and postmaster.port == port):
                raise JobgenError(
                    f"the server runs already, without the TCP port {port}",
                    hint="Stop it first: `jobgen postgres stop`.",
                )
            if postmaster.tcp:
                set_password(postmaster.url(ROLE), self._password())
            ensure_database(postmaster.url(ROLE), cluster.database)
            url = postmaster.url(cluster.database)
            self._files.write_database_url(url)
            return url

    def stop(self) -> bool:
        """Stop the server, ending its sessions: whether there was one.

        Raises:
            JobgenError: it does not end, or belongs to another user.
        """
        if not self._files.folder.exists():
            self._files.remove_database_url()
            return False
        with locked(self._files.lock, patience=_COMMAND_PATIENCE, holder="another jobgen"):
            cluster = self._files.cluster()
            running = cluster is not None and is_held(self._files.alive)
            if cluster is not None and running:
                self._end(Path(cluster.data))
            self._files.remove_database_url()
            return running

    def status(self) -> Status:
        """What runs at this moment; changes nothing."""
        cluster = self._files.cluster()
        if cluster is None:
            return Status(running=False, data=None, log=self._files.log)
        data = Path(cluster.data)
        postmaster = read_postmaster(data) if is_held(self._files.alive) else None
        if postmaster is None or not answers(postmaster):
            return Status(running=False, data=data, log=self._files.log)
        tcp_url = None
        if postmaster.tcp:
            tcp_url = (
                f"postgresql://{ROLE}:{self._password()}@localhost:{postmaster.port}"
                f"/{quote(cluster.database, safe='')}"
            )
        return Status(
            running=True,
            data=data,
            log=self._files.log,
            url=postmaster.url(cluster.database),
            tcp_url=tcp_url,
            pid=postmaster.pid,
        )

    def program(self, name: str) -> Path:
        """The path of one of this PostgreSQL's programs, such as `psql`."""
        return binaries_for(Account(os.geteuid(), os.getegid())).program(name)

    def _prepared(self, lock: int) -> tuple[Cluster, Account, Binaries]:
        """The cluster, made if need be, and who runs it with what."""
        cluster = self._files.cluster()
        if cluster is not None and Path(cluster.data).exists():
            account = owner_account(Path(cluster.data))
            binaries = binaries_for(account)
            check_version(binaries, Path(cluster.data))
            return cluster, account, binaries
        account = server_account()
        binaries = binaries_for(account)
        data = self._files.new_data_place(account)
        if data.exists():  # made, but its maker was killed before cluster.json was written
            account = owner_account(data)
            check_version(binaries, data)
        else:
            create_cluster(binaries, data, account, lock)
        name = cluster.database if cluster else database_name(self._files.root)
        return self._files.remember(data, name), account, binaries

    def _found(self, cluster: Cluster, account: Account) -> Postmaster | None:
        """The server if it runs and can be reached; one that cannot is ended."""
        if not is_held(self._files.alive):
            return None
        data = Path(cluster.data)
        postmaster = read_postmaster(data)
        if postmaster is None or not is_postgres(postmaster.pid):
            return None
        postmaster = wait_until_ready(data, self._files.log, lambda: not is_held(self._files.alive))
        if is_private(postmaster.sockets, account) and answers(postmaster):
            return postmaster
        # Something has swept the temporary folder, and the sockets with it.
        self._end(data)
        return None

    def _launch(
        self, cluster: Cluster, account: Account, binaries: Binaries, port: int | None
    ) -> Postmaster:
        data, files = Path(cluster.data), self._files
        # The server and all its backends inherit this lock: once it is ours, none is
        # left, and what a killed one has left behind can safely be cleared away.
        with locked(files.alive, patience=_ORPHAN_PATIENCE, holder=_ORPHANS) as alive:
            _clear_stale_pid(data)
            sockets = socket_folder(files.root, account)
            for leftover in sockets.iterdir():
                leftover.unlink()
            if files.log.exists():
                files.log.replace(files.log.with_suffix(".log.1"))
            command = server_command(binaries, data, sockets, port)
            with files.log.open("w") as log:
                files.log.chmod(0o600)
                launcher = account.popen(
                    # Forked once more: the server is nobody's child, so that no zombie
                    # of it can look alive.
                    ("/bin/sh", "-c", '"$@" &', "sh", *command),
                    stdin=subprocess.DEVNULL,
                    stdout=log.fileno(),
                    stderr=log.fileno(),
                    keep=(alive,),
                )
                launcher.wait()
        try:
            return wait_until_ready(data, files.log, lambda: not is_held(files.alive))
        except JobgenError:
            if not is_held(files.alive):
                shutil.rmtree(sockets, ignore_errors=True)
            raise

    def _end(self, data: Path) -> None:
        """Stop the server at once but in order; if that takes too long, without order."""
        postmaster = read_postmaster(data)
        for number in (signal.SIGINT, signal.SIGQUIT):
            if postmaster is not None and is_postgres(postmaster.pid):
                try:
                    os.kill(postmaster.pid, number)
                except ProcessLookupError:
                    pass
                except PermissionError as error:
                    raise JobgenError(
                        f"the server (process {postmaster.pid}) belongs to another user",
                        hint="Stop it as the user who started it, or as root.",
                    ) from error
            deadline = time.monotonic() + _STOP_PATIENCE
            while time.monotonic() < deadline:
                if not is_held(self._files.alive):
                    if postmaster is not None:
                        shutil.rmtree(postmaster.sockets, ignore_errors=True)
                    return
                time.sleep(0.01)
        raise JobgenError(
            f"the server does not stop (process {postmaster.pid if postmaster else 'unknown'})",
            hint=f"Its log: {self._files.log}",
        )

    def _password(self) -> str:
        """The role's password over TCP, made at its first use."""
        path = self._files.password
        if not path.exists():
            replace_private(path, secrets.token_urlsafe(24) + "\n")
        return path.read_text().strip()


def _clear_stale_pid(data: Path) -> None:
    """Remove the postmaster.pid of a server that was killed, or that ran on another copy.

    PostgreSQL would refuse to start if the number in it now belongs to another process
    of the same user. One of a live server on this very folder, which somebody has
    started by hand, is left for PostgreSQL to refuse.
    """
    postmaster = read_postmaster(data)
    deadline = time.monotonic() + _EXIT_PATIENCE
    while postmaster is not None and postmaster.data == data and is_postgres(postmaster.pid):
        if time.monotonic() >= deadline:
            return
        time.sleep(0.01)
    (data / "postmaster.pid").unlink(missing_ok=True)
