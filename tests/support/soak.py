"""The soak test's workers behind a network, their server, and the faults that hit them."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Any, LiteralString

import psycopg
from jobgen_runtime.heartbeat import Intervals
from jobgen_runtime.heartbeat.heartbeat import LEASE_LOST_EXIT_CODE
from psycopg.errors import RaiseException

from tests.support.application import Application
from tests.support.networks import StoppedRelay
from tests.support.own_server import FAST, IMMEDIATE, KILLED, OwnServer
from tests.support.process import Process
from tests.support.soak_faults import REFUSALS, REFUSED_ENDS, SETTINGS
from tests.support.soak_jobs import INSERT
from tests.support.waiting import TIMEOUT

CRASH_CODES = {LEASE_LOST_EXIT_CODE, -signal.SIGKILL}
"""Exit codes of workers that could not prove that they held a lease, or that a job has killed."""

TASKS_CANCELLED = 1
"""Exit code of workers whose tasks a job has cancelled."""

EXIT_CODES = {0, -signal.SIGTERM, TASKS_CANCELLED, *CRASH_CODES}
"""Exit codes after a SIGTERM; the signal's own if the worker has not installed its handler yet."""

HEARTBEAT = 0.3
WORKERS = 3

OWN_SETTINGS = (
    "-c client_encoding=UTF8 -c default_transaction_read_only=off"
    " -c idle_in_transaction_session_timeout=0 -c lock_timeout=0 -c statement_timeout=0"
)
"""Options of the test's own connections, which must work meanwhile."""


class Soak:
    """Workers behind a network, their server, and the faults that are injected."""

    def __init__(
        self,
        server: OwnServer,
        net: StoppedRelay,
        app: Application,
        *,
        seed: int,
        insert: LiteralString = INSERT,
        change: LiteralString | None = None,
    ) -> None:
        """Start the workers.

        `insert` inserts as many jobs as its parameter says, or fewer; `change` changes jobs then.
        """
        self.random = random.Random(seed)  # noqa: S311 -- must be repeatable
        self.server = server
        self.net = net
        self.app = app
        self.workers = [self.start() for _ in range(WORKERS)]
        self.stopped: set[int] = set()
        self.inserted = 0
        self._insert, self._change = insert, change
        self.faults = [
            self.kill_worker,
            self.stop_worker,
            self.end_worker,
            self.terminate_backends,
            self.cut_network,
            self.silence_network,
            self.restart_server,
            self.drop_triggers,
            self.lock_table,
            self.lock_rows,
            self.refuse_claims,
            self.refuse_ends,
            self.change_settings,
        ]

    def start(self) -> Process:
        return self.app.start(
            "run-jobs", "--heartbeat", str(HEARTBEAT), "--poll", "1", "--grace", "0.5"
        )

    def insert(self) -> None:
        n = self.random.randint(1, 150)
        with self.connect() as conn:
            n = conn.execute(self._insert, (n,)).rowcount
        self.inserted += n
        if self._change is not None:
            # The faults refuse changes of rows, too.
            with suppress(psycopg.IntegrityError, RaiseException), self.connect() as conn:
                conn.execute(self._change)

    def replace(self, worker: Process) -> None:
        self.workers[self.workers.index(worker)] = self.start()

    def replace_all(self) -> None:
        """Shut all workers down, and start others in their place."""
        for worker in list(self.workers):
            terminate(worker)
            self.replace(worker)

    def replace_exited(self) -> None:
        """Replace the workers that exited by themselves."""
        for worker in self.workers:
            code = worker.process.poll()
            if code is not None:
                output = worker.wait_for_exit(code)
                if code == TASKS_CANCELLED:
                    assert "tasks were cancelled by a job" in output, output
                else:
                    assert code in CRASH_CODES, output
                self.replace(worker)

    def kill_worker(self) -> None:
        worker = self.random.choice(self.workers)
        worker.send_signal(signal.SIGKILL)
        self.replace(worker)

    def stop_worker(self) -> None:
        worker = self.random.choice(self.workers)
        beats = self.random.choice([1, 8])
        if timedelta(seconds=beats * HEARTBEAT) >= Intervals(HEARTBEAT).expires_after:
            self.stopped.add(worker.process.pid)
        worker.send_signal(signal.SIGSTOP)
        time.sleep(beats * HEARTBEAT)
        worker.send_signal(signal.SIGCONT)

    def end_worker(self) -> None:
        worker = self.random.choice(self.workers)
        if self.random.random() < 0.3:
            worker.send_signal(signal.SIGTERM)
        terminate(worker)
        self.replace(worker)

    def terminate_backends(self) -> None:
        with self.connect() as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name LIKE 'run-jobs%' AND random() < 0.5"
            )

    def cut_network(self) -> None:
        self.net.cut()
        time.sleep(self.random.choice([1, 8]) * HEARTBEAT)
        self.net.restore()

    def silence_network(self) -> None:
        self.net.silence()

    def restart_server(self) -> None:
        self.server.stop(self.random.choice([FAST, IMMEDIATE, KILLED]))
        time.sleep(self.random.choice([0, 8]) * HEARTBEAT)
        self.server.start()

    def drop_triggers(self) -> None:
        with self.connect() as conn:
            conn.execute("DROP TRIGGER IF EXISTS probe_jobs_wake_on_insert ON probe_jobs")

    def lock_table(self) -> None:
        mode = self.random.choice(["SHARE", "ACCESS EXCLUSIVE"])
        self._hold(f"LOCK TABLE probe_jobs IN {mode} MODE")

    def lock_rows(self) -> None:
        self._hold("SELECT FROM probe_jobs WHERE random() < 0.5 FOR UPDATE")

    def refuse_claims(self) -> None:
        self._refuse(*REFUSALS[self.random.choice(list(REFUSALS))])

    def refuse_ends(self) -> None:
        self._refuse(*REFUSED_ENDS[self.random.choice(list(REFUSED_ENDS))])

    def change_settings(self) -> None:
        name = self.random.choice(list(SETTINGS))
        target = self.random.choice(["DATABASE postgres", "ROLE CURRENT_USER", "ROLE ALL"])
        with self.connect() as conn:
            conn.execute(f"ALTER {target} SET {name} = {SETTINGS[name]}".encode())
        # Settings apply to new sessions.
        self.terminate_backends()
        time.sleep(self.random.choice([1, 8]) * HEARTBEAT)
        with self.connect() as conn:
            conn.execute(f"ALTER {target} RESET {name}".encode())
        self.terminate_backends()

    def count_refused(self) -> dict[str, int]:
        """Return how many jobs are refused which status."""
        query = "SELECT wanted_status::text, count(*) FROM job_refusals GROUP BY 1"
        with self.connect() as conn:
            return dict(conn.execute(query).fetchall())

    def read_errors(self) -> dict[str, str]:
        """Return the last error of each job that has not succeeded, by its id."""
        query = "SELECT id::text, last_error FROM probe_jobs WHERE status <> 'job_status_succeeded'"
        with self.connect() as conn:
            return dict(conn.execute(query).fetchall())

    def read_commits(self) -> Counter[str]:
        """Return how often each job's own transaction was committed."""
        with self.connect() as conn:
            return Counter(job for (job,) in conn.execute("SELECT job::text FROM commits"))

    def count_deleted(self) -> Counter[str]:
        """Return how many jobs were deleted, by their status."""
        with self.connect() as conn:
            return Counter(row[0] for row in conn.execute("SELECT status::text FROM deleted_jobs"))

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.server.url, options=OWN_SETTINGS)

    def _refuse(self, refuse: str, allow: str) -> None:
        with self.connect() as conn:
            # Whatever has ended before the lock is older than the time that is read behind it.
            conn.execute("LOCK TABLE probe_jobs IN ACCESS EXCLUSIVE MODE")
            [now] = conn.execute("SELECT clock_timestamp()::text").fetchone() or ("",)
            conn.execute(refuse.replace("{now}", now).encode())
        self.insert()
        time.sleep(self.random.choice([1, 8]) * HEARTBEAT)
        with self.connect() as conn:
            conn.execute(allow.encode())

    def _hold(self, lock: str) -> None:
        with self.connect() as conn:
            conn.execute(lock.encode())
            time.sleep(self.random.choice([1, 4]) * HEARTBEAT)

    def run(self, seconds: float) -> list[str]:
        """Inject faults for so long, each kind once at least; return their names."""
        end = time.monotonic() + seconds
        faults: list[str] = []
        while time.monotonic() < end:
            # Each kind of fault comes once before any comes again.
            for fault in self.random.sample(self.faults, len(self.faults)):
                self.replace_exited()
                self.insert()
                faults.append(fault.__name__)
                fault()
                time.sleep(self.random.uniform(0, 0.3))
        return faults


def terminate(worker: Process) -> None:
    """Send SIGTERM until the worker exits: a job may have ignored the signal for a moment."""
    deadline = time.monotonic() + TIMEOUT
    while True:
        worker.send_signal(signal.SIGTERM)
        try:
            code = worker.process.wait(5)
        except subprocess.TimeoutExpired:
            assert time.monotonic() < deadline, "not ended by SIGTERM"
        else:
            assert code in EXIT_CODES, worker.wait_for_exit(code)
            return
