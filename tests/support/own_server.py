"""A PostgreSQL server that one test restarts and kills."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from jobgen.postgres.account import Account, server_account
from jobgen.postgres.binaries import Binaries
from jobgen.postgres.embedded import embedded_binaries
from jobgen.postgres.postmaster import ROLE, log_tail, server_command
from jobgen.postgres.system_folders import short_temporary_folder
from jobgen.postgres.template import create_script
from tests.support.waiting import TIMEOUT, wait_for

FAST = signal.SIGINT
IMMEDIATE = signal.SIGQUIT
KILLED = signal.SIGKILL


class OwnServer:
    """A server with its data folder.

    It runs without fsync: what was committed survives the server's process, not the machine.
    """

    def __init__(
        self,
        folder: Path,
        binaries: Binaries,
        account: Account,
        *,
        standby_of: OwnServer | None = None,
    ) -> None:
        """Create the data folder: a new cluster, or a copy that follows `standby_of`."""
        self._data = folder / "data"
        self._log = folder / "log"
        self._account = account
        self._process: subprocess.Popen[str] | None = None
        self.url = f"postgresql://{ROLE}@/postgres?host={folder}"
        make: list[str | Path] = ["/bin/sh", "-c", create_script(binaries, account, self._data)]
        if standby_of is not None:
            # --write-recovery-conf makes it follow the other server.
            make = [binaries.program("pg_basebackup"), "-D", self._data, "-d", standby_of.url]
            make += ["--write-recovery-conf", "--checkpoint=fast", "--no-sync"]
        result = account.run(make)
        assert result.returncode == 0, result.stdout
        self._command = server_command(binaries, self._data, folder, None, "fsync=off")

    def start(self) -> None:
        """Start the server and wait until it accepts connections."""

        def answers() -> bool:
            # A new server refuses to start while children of a killed one live.
            if self._process is None or self._process.poll() is not None:
                with self._log.open("a") as log:
                    self._process = self._account.popen(
                        self._command,
                        stdin=subprocess.DEVNULL,
                        stdout=log.fileno(),
                        stderr=log.fileno(),
                    )
            return self._answers()

        wait_for(answers, lambda: log_tail(self._log), interval=0.05)

    def stop(self, how: signal.Signals) -> None:
        """Stop the server with FAST, IMMEDIATE or KILLED, and wait for its end."""
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(TIMEOUT)

    def read_log(self) -> str:
        """Return what the server has logged."""
        return self._log.read_text()

    def require_password(self, role: str) -> None:
        """Make the role give its password, from the next start on."""
        rules = self._data / "pg_hba.conf"
        rules.write_text(f"local all {role} scram-sha-256\n{rules.read_text()}")

    def close(self) -> None:
        """Stop the server if it runs."""
        if self._process is not None and self._process.poll() is None:
            self.stop(IMMEDIATE)

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.url):
                return True
        except psycopg.OperationalError:
            return False


@contextmanager
def own_server(standby_of: OwnServer | None = None) -> Iterator[OwnServer]:
    """Start a server, or a standby of another one; stop it and delete its data at the end."""
    account = server_account()
    folder = Path(tempfile.mkdtemp(prefix="jobgen-", dir=short_temporary_folder()))
    account.own(folder)
    try:
        server = OwnServer(folder, embedded_binaries(account), account, standby_of=standby_of)
        try:
            server.start()
            yield server
        finally:
            server.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
