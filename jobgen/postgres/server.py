"""A project's server, which is started, stopped and found by its files."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from jobgen.errors import JobgenError
from jobgen.postgres.account import Account, owner_account, server_account
from jobgen.postgres.binaries import Binaries
from jobgen.postgres.cluster import check_version, create_cluster
from jobgen.postgres.databases import ensure_database, set_password
from jobgen.postgres.locks import LockTimeoutError, is_held, locked
from jobgen.postgres.postmaster import (
    ROLE,
    Postmaster,
    answers,
    clear_stale_pid,
    is_postgres,
    read_postmaster,
    server_command,
    wait_until_ready,
)
from jobgen.postgres.project_binaries import project_binaries
from jobgen.postgres.server_folder import Cluster, ServerFolder, database_name, replace_private
from jobgen.postgres.system_folders import is_private, remove_socket_folder, socket_folder
from jobgen.postgres.template import create_script

_COMMAND_TIMEOUT = 90.0
"""Seconds to wait for another command on the same project."""
_ORPHAN_TIMEOUT = 20.0
"""Seconds to wait for the backends that outlive a killed server for a moment."""
_STOP_TIMEOUT = 30.0
"""Seconds to wait for a fast shutdown before an immediate one is requested."""
_ORPHANS = "A process of the killed server"


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a project's server. `url`, `tcp_url` and `pid` are None unless it runs."""

    running: bool
    data: Path | None
    log: Path
    url: str | None = None
    tcp_url: str | None = None
    pid: int | None = None


class Server:
    """The embedded server of the project at `root`.

    Any number of processes can use it at the same time: its whole state is in
    `.jobgen/postgres/`, and every change is made under a lock.
    """

    def __init__(self, root: Path) -> None:
        if sys.platform == "win32":
            raise JobgenError(
                "The embedded PostgreSQL runs on Linux and macOS only.",
                hint="Set DATABASE_URL to the address of a running PostgreSQL.",
            )
        self._files = ServerFolder(root)

    def start(self, port: int | None = None) -> str:
        """Start the server unless it runs, and return the address of the project's database.

        The first start creates the data folder and the database.

        Args:
            port: The TCP port to listen on as well, on the loopback interface and with a
                password (see `status().tcp_url`); None for no TCP.

        Raises:
            JobgenError: It cannot be started, or already runs without this port.
        """
        self._files.create()
        with locked(self._files.lock, timeout=_COMMAND_TIMEOUT, holder="Another jobgen") as lock:
            cluster, account, binaries = self._prepared(lock)
            postmaster = self._found(cluster, account)
            if postmaster is None:
                postmaster = self._launch(cluster, account, binaries, port)
            elif port is not None and not (postmaster.tcp and postmaster.port == port):
                raise JobgenError(
                    f"The server already runs without the TCP port {port}.",
                    hint="Stop it first with `jobgen postgres stop`.",
                )
            if postmaster.tcp:
                set_password(postmaster.url(ROLE), self._password())
            ensure_database(postmaster.url(ROLE), cluster.database)
            url = postmaster.url(cluster.database)
            self._files.write_database_url(url)
            return url

    def stop(self) -> bool:
        """Stop the server and its sessions, and return whether it ran.

        Raises:
            JobgenError: It does not stop, or belongs to another user.
        """
        if not self._files.folder.exists():
            self._files.remove_database_url()
            return False
        with locked(self._files.lock, timeout=_COMMAND_TIMEOUT, holder="Another jobgen"):
            cluster = self._files.cluster()
            running = cluster is not None and is_held(self._files.alive)
            if cluster is not None and running:
                self._stop_process(Path(cluster.data))
            self._files.remove_database_url()
            return running

    def status(self) -> Status:
        """Return the state of the server at this moment, without changing anything.

        Raises:
            JobgenError: The files of the server cannot be read.
        """
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
        """Return the path of a program of this PostgreSQL, such as `psql`."""
        return project_binaries(self._files.root).program(name)

    def _prepared(self, lock: int) -> tuple[Cluster, Account, Binaries]:
        """Return the cluster, created if missing, and the account and programs to run it with."""
        cluster = self._files.cluster()
        if cluster is not None and Path(cluster.data).exists():
            account = owner_account(Path(cluster.data))
            binaries = project_binaries(self._files.root, account)
            check_version(binaries, Path(cluster.data))
            return cluster, account, binaries
        account = server_account()
        binaries = project_binaries(self._files.root, account)
        data = self._files.new_data_folder(account)
        if data.exists():  # a start was killed before it wrote cluster.json
            account = owner_account(data)
            check_version(binaries, data)
        else:
            create_cluster(partial(create_script, binaries, account), data, account, lock)
        name = cluster.database if cluster else database_name(self._files.root)
        return self._files.save_cluster(data, name), account, binaries

    def _found(self, cluster: Cluster, account: Account) -> Postmaster | None:
        """Return the server if it runs and answers. Stop it if it runs and does not answer.

        A server that exits meanwhile, because it was killed a moment before, does not run.

        Raises:
            JobgenError: A process of a killed server does not exit, or the server is not ready.
        """
        data = Path(cluster.data)
        if not self._wait_for_postmaster(data):
            return None
        try:
            postmaster = wait_until_ready(
                data, self._files.log, lambda: not is_held(self._files.alive)
            )
        except JobgenError:
            if is_held(self._files.alive):
                raise
            return None
        sockets = postmaster.sockets
        if sockets is not None and is_private(sockets, account) and answers(postmaster):
            return postmaster
        # The temporary folder was cleaned up, and the sockets in it removed.
        self._stop_process(data)
        return None

    def _wait_for_postmaster(self, data: Path) -> bool:
        """Wait while `alive` is locked without a postmaster, and return whether there is one.

        The holder is a backend that outlives a killed server for a moment, or a server whose
        `start` was killed and which has not written its postmaster.pid yet.
        """
        deadline = time.monotonic() + _ORPHAN_TIMEOUT
        while is_held(self._files.alive):
            postmaster = read_postmaster(data)
            if postmaster is not None and is_postgres(postmaster.pid):
                return True
            if time.monotonic() >= deadline:
                raise LockTimeoutError(
                    f"A process of the killed server still holds the lock {self._files.alive}.",
                    hint="Try again in a moment.",
                )
            time.sleep(0.01)
        return False

    def _launch(
        self, cluster: Cluster, account: Account, binaries: Binaries, port: int | None
    ) -> Postmaster:
        data, files = Path(cluster.data), self._files
        # The server and its backends inherit this lock. Once this process holds it, none of them
        # is left, and the files of a killed one can be removed safely.
        with locked(files.alive, timeout=_ORPHAN_TIMEOUT, holder=_ORPHANS) as alive:
            clear_stale_pid(data)
            sockets = socket_folder(files.root, account)
            for leftover in sockets.iterdir():
                leftover.unlink()
            if files.log.exists():
                files.log.replace(files.log.with_suffix(".log.1"))
            command = server_command(binaries, data, sockets, port)
            with files.log.open("w") as log:
                files.log.chmod(0o600)
                launcher = account.popen(
                    # Forked twice, so that the server is not a child of this process and
                    # cannot become its zombie.
                    ("/bin/sh", "-c", '"$@" &', "sh", *command),
                    stdin=subprocess.DEVNULL,
                    stdout=log.fileno(),
                    stderr=log.fileno(),
                    keep=(alive,),
                )
                launcher.wait()
        try:
            return wait_until_ready(data, files.log, lambda: not is_held(files.alive))
        except JobgenError as error:
            if not is_held(files.alive):
                remove_socket_folder(sockets)
            if port is not None and "Address already in use" in error.message:
                raise JobgenError(
                    f"The TCP port {port} is taken by another program.",
                    hint="Stop that program, or choose another port with `--port`.",
                ) from None
            raise

    def _stop_process(self, data: Path) -> None:
        """Stop the server with a fast shutdown, or an immediate one if that takes too long."""
        postmaster = read_postmaster(data)
        for number in (signal.SIGINT, signal.SIGQUIT):
            if postmaster is not None and is_postgres(postmaster.pid):
                try:
                    os.kill(postmaster.pid, number)
                except ProcessLookupError:
                    pass
                except PermissionError as error:
                    raise JobgenError(
                        f"The server (process {postmaster.pid}) belongs to another user.",
                        hint="Stop it as the user who started it, or as root.",
                    ) from error
            deadline = time.monotonic() + _STOP_TIMEOUT
            while time.monotonic() < deadline:
                if not is_held(self._files.alive):
                    if postmaster is not None and postmaster.sockets is not None:
                        remove_socket_folder(postmaster.sockets)
                    return
                time.sleep(0.01)
        raise JobgenError(
            f"The server does not stop (process {postmaster.pid if postmaster else 'unknown'}).",
            hint=f"Its log is {self._files.log}.",
        )

    def _password(self) -> str:
        """Return the role's password over TCP, created at its first use."""
        path = self._files.password
        if not path.exists():
            replace_private(path, secrets.token_urlsafe(24) + "\n")
        return path.read_text().strip()
