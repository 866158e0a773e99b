"""A PostgreSQL server of a test's own, to be restarted and killed."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from jobgen.postgres.account import Account, server_account
from jobgen.postgres.binaries import Binaries, binaries_for
from jobgen.postgres.cluster import INITDB_OPTIONS
from jobgen.postgres.postmaster import ROLE, log_tail, server_command
from jobgen.postgres.system_folders import short_temporary_folder

FAST = signal.SIGINT
IMMEDIATE = signal.SIGQUIT
KILLED = signal.SIGKILL

PATIENCE = 30.0


class OwnServer:
    """What was committed outlives the server's process; only the machine must not crash."""

    def __init__(
        self,
        folder: Path,
        binaries: Binaries,
        account: Account,
        *,
        standby_of: OwnServer | None = None,
    ) -> None:
        self._data = folder / "data"
        self._log = folder / "log"
        self._account = account
        self._process: subprocess.Popen[str] | None = None
        self.url = f"postgresql://{ROLE}@/postgres?host={folder}"
        make: list[str | Path] = [binaries.program("initdb"), "-D", self._data, *INITDB_OPTIONS]
        if standby_of is not None:
            # Its options write what makes it follow the other one.
            make = [binaries.program("pg_basebackup"), "-D", self._data, "-d", standby_of.url]
            make += ["--write-recovery-conf", "--checkpoint=fast", "--no-sync"]
        result = account.run(make)
        assert result.returncode == 0, result.stdout
        self._command = server_command(binaries, self._data, folder, None, "fsync=off")

    def start(self) -> None:
        """Until it takes connections."""
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            assert time.monotonic() < deadline, log_tail(self._log)
            # As long as children of a killed one live, a new one refuses to start.
            if self._process is None or self._process.poll() is not None:
                with self._log.open("a") as log:
                    self._process = self._account.popen(
                        self._command,
                        stdin=subprocess.DEVNULL,
                        stdout=log.fileno(),
                        stderr=log.fileno(),
                    )
            time.sleep(0.05)

    def stop(self, how: signal.Signals) -> None:
        """Until the server has ended."""
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(PATIENCE)

    def require_password(self, role: str) -> None:
        """The role has to give its password, from the next start on."""
        rules = self._data / "pg_hba.conf"
        rules.write_text(f"local all {role} scram-sha-256\n{rules.read_text()}")

    def close(self) -> None:
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
    """It has started."""
    account = server_account()
    folder = Path(tempfile.mkdtemp(prefix="jobgen-", dir=short_temporary_folder()))
    account.own(folder)
    try:
        server = OwnServer(folder, binaries_for(account), account, standby_of=standby_of)
        try:
            server.start()
            yield server
        finally:
            server.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
