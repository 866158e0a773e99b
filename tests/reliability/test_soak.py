"""Random faults under load; then each job must have succeeded once, with its effect.

Jobs whose end the database has refused for a moment may have failed with that reason instead.

JOBGEN_SOAK_SECONDS=300 makes it longer; JOBGEN_SOAK_SEED=7 repeats the choices of a run.
`make test` includes a short run with one kind of job, and `make soak` runs longer ones with all
kinds. In CI the choices are the same each time.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from jobgen_runtime.heartbeat.heartbeat import LEASE_LOST_EXIT_CODE

from tests.support.application import Application, application
from tests.support.bookkeeping import check_effects, wait_for_final_states, write_recorded_job
from tests.support.database import install_app_schema
from tests.support.hostile_code import MISBEHAVIOUR
from tests.support.networks import StoppedRelay, stopped_relay
from tests.support.own_server import FAST, IMMEDIATE, KILLED, OwnServer, own_server
from tests.support.process import Process
from tests.support.waiting import TIMEOUT

SECONDS = float(os.environ.get("JOBGEN_SOAK_SECONDS", "12"))
RANDOM_SEED = "1" if os.environ.get("CI") else str(time.time_ns() % 1_000_000)
SEED = int(os.environ.get("JOBGEN_SOAK_SEED", RANDOM_SEED))

CRASH_CODES = {LEASE_LOST_EXIT_CODE, -signal.SIGKILL}
"""Exit codes of workers that could not prove that they held a lease, or that a job has killed."""

TASKS_CANCELLED = 1
"""Exit code of workers whose tasks a job has cancelled."""

EXIT_CODES = {0, -signal.SIGTERM, TASKS_CANCELLED, *CRASH_CODES}
"""Exit codes after a SIGTERM; the signal's own if the worker has not installed its handler yet."""

HEARTBEAT = 0.3
WORKERS = 3

ASYNC = """
async def perform(self, job):
    import random
    with recorded(job):
        await asyncio.sleep(random.uniform(0, 0.05))
        if random.random() < 0.05:
            time.sleep(0.05)
        if random.random() < 0.1:
            raise ValueError("now and then")
    return misbehave()
"""

PLAIN = """
def perform(self, job):
    import random
    with recorded(job):
        time.sleep(random.uniform(0, 0.05))
        if random.random() < 0.1:
            raise ValueError("now and then")
    return misbehave()
"""

COMMITTED = """
async def perform(self, job):
    import random
    async with job.transaction() as conn:
        with recorded(job):
            await conn.execute("INSERT INTO commits VALUES (%s)", (job.id,))
            await asyncio.sleep(random.uniform(0, 0.05))
            if random.random() < 0.1:
                raise ValueError("now and then")
    return misbehave()
"""

JOBS = {
    "async": ("", ASYNC),
    "in threads": ("", PLAIN),
    "in processes": ('isolation = "process"\nmax_concurrency = 4\n', PLAIN),
    # Only the timeout ends a job whose connection has fallen silent.
    "in transactions of their own": ("timeout = timedelta(seconds=3)\n", COMMITTED),
}


SETTINGS = {
    "DateStyle": "'SQL, DMY'",
    "IntervalStyle": "sql_standard",
    "TimeZone": "'Asia/Kolkata'",
    "client_encoding": "LATIN1",
    "default_transaction_isolation": "serializable",
    "default_transaction_read_only": "on",
    "lock_timeout": "'20ms'",
    "statement_timeout": "'200ms'",
}
"""What the database's settings are changed to for a moment."""

OWN_SETTINGS = (
    "-c client_encoding=UTF8 -c default_transaction_read_only=off -c lock_timeout=0"
    " -c statement_timeout=0"
)
"""Options of the test's own connections, which must work meanwhile."""

REFUSALS = {
    "CHECK": (
        (
            "ALTER TABLE probe_jobs ADD CONSTRAINT soak CHECK"
            " (status <> 'job_status_running' OR hashtext(id::text) % 5 <> 0) NOT VALID"
        ),
        "ALTER TABLE probe_jobs DROP CONSTRAINT soak",
    ),
    "trigger that raises": (
        (
            "CREATE TRIGGER soak BEFORE UPDATE ON probe_jobs FOR EACH ROW"
            " WHEN (NEW.status = 'job_status_running') EXECUTE FUNCTION soak_raise()"
        ),
        "DROP TRIGGER soak ON probe_jobs",
    ),
    "trigger that returns NULL": (
        (
            "CREATE TRIGGER soak BEFORE UPDATE ON probe_jobs FOR EACH ROW"
            " WHEN (NEW.status = 'job_status_running' AND hashtext(NEW.id::text) % 5 = 1)"
            " EXECUTE FUNCTION soak_suppress()"
        ),
        "DROP TRIGGER soak ON probe_jobs",
    ),
}
"""How the database refuses some claims, and the statement after which it no longer does."""

REFUSED_ENDS = {
    "CHECK of successes": (
        (
            "ALTER TABLE probe_jobs ADD CONSTRAINT soak CHECK"
            " (status <> 'job_status_succeeded' OR abs(hashtext(id::text) % 9) <> 2) NOT VALID"
        ),
        "ALTER TABLE probe_jobs DROP CONSTRAINT soak",
    ),
    "CHECK of every end": (
        (
            "ALTER TABLE probe_jobs ADD CONSTRAINT soak CHECK"
            " (locked_by IS NOT NULL OR attempts_count = 0 OR abs(hashtext(id::text) % 9) <> 3)"
            " NOT VALID"
        ),
        "ALTER TABLE probe_jobs DROP CONSTRAINT soak",
    ),
    "trigger that raises": (
        (
            "CREATE TRIGGER soak BEFORE UPDATE ON probe_jobs FOR EACH ROW"
            " WHEN (OLD.status = 'job_status_running') EXECUTE FUNCTION soak_raise()"
        ),
        "DROP TRIGGER soak ON probe_jobs",
    ),
    "trigger that returns NULL": (
        (
            "CREATE TRIGGER soak BEFORE UPDATE ON probe_jobs FOR EACH ROW"
            " WHEN (OLD.status = 'job_status_running' AND abs(hashtext(NEW.id::text) % 9) = 4)"
            " EXECUTE FUNCTION soak_suppress()"
        ),
        "DROP TRIGGER soak ON probe_jobs",
    ),
    "unique index": (
        (
            "CREATE UNIQUE INDEX soak ON probe_jobs ((hashtext(id::text) % 99))"
            " WHERE status = 'job_status_succeeded' AND updated_at > '{now}'"
        ),
        "DROP INDEX soak",
    ),
}
"""How the database refuses the ends of some jobs, and the statement after which it no longer does.

`{now}` is the server's time.
"""

FUNCTIONS = """
CREATE FUNCTION soak_raise() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF random() < 0.2 THEN
        RAISE 'not now';
    END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION soak_suppress() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RETURN NULL;
END
$$;
"""


class Soak:
    """Workers behind a network, their server, and the faults that are injected."""

    def __init__(self, server: OwnServer, net: StoppedRelay, app: Application) -> None:
        self.random = random.Random(SEED)  # noqa: S311 -- must be repeatable
        self.server = server
        self.net = net
        self.app = app
        self.workers = [self.start() for _ in range(WORKERS)]
        self.stopped: set[int] = set()
        self.inserted = 0
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
            conn.execute("INSERT INTO probe_jobs SELECT FROM generate_series(1, %s)", (n,))
        self.inserted += n

    def replace(self, worker: Process) -> None:
        self.workers[self.workers.index(worker)] = self.start()

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
        self.stopped.add(worker.process.pid)
        worker.send_signal(signal.SIGSTOP)
        time.sleep(self.random.choice([1, 8]) * HEARTBEAT)
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
        with psycopg.connect(self.server.url) as conn:
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

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.server.url, options=OWN_SETTINGS)

    def _refuse(self, refuse: str, allow: str) -> None:
        with self.connect() as conn:
            [now] = conn.execute("SELECT now()::text").fetchone() or ("",)
            conn.execute(refuse.replace("{now}", now).encode())
        self.insert()
        time.sleep(self.random.choice([1, 8]) * HEARTBEAT)
        with self.connect() as conn:
            conn.execute(allow.encode())

    def _hold(self, lock: str) -> None:
        with psycopg.connect(self.server.url) as conn:
            conn.execute(lock.encode())
            time.sleep(self.random.choice([1, 4]) * HEARTBEAT)

    def run(self) -> None:
        end = time.monotonic() + SECONDS
        faults: list[str] = []
        while time.monotonic() < end:
            # Each kind of fault comes once before any comes again.
            for fault in self.random.sample(self.faults, len(self.faults)):
                self.replace_exited()
                self.insert()
                faults.append(fault.__name__)
                fault()
                time.sleep(self.random.uniform(0, 0.3))
        print(f"JOBGEN_SOAK_SEED={SEED}:", *faults)
        print("refused now:", self.count_refused())
        # Others do not wait as long as these until they try again what the database has refused.
        for worker in list(self.workers):
            terminate(worker)
            self.replace(worker)


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


@pytest.fixture(
    params=[
        "async",
        *(pytest.param(kind, marks=pytest.mark.soak) for kind in JOBS if kind != "async"),
    ]
)
def soak(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Soak]:
    options, perform = JOBS[request.param]
    with own_server() as server:
        install_app_schema(server.url)
        with psycopg.connect(server.url) as conn:
            conn.execute("CREATE TABLE commits (job UUID NOT NULL)")
            conn.execute(FUNCTIONS)
            # Else transactions of jobs whose connections have fallen silent keep their locks.
            conn.execute("ALTER DATABASE postgres SET idle_in_transaction_session_timeout = '2s'")
        with (
            stopped_relay(server.url) as net,
            application(tmp_path, net.url) as app,
        ):
            write_recorded_job(app, perform, options=f"max_attempts = 1000\n{options}")
            with (tmp_path / "Web/Job/Probe.py").open("a") as module:
                module.write(MISBEHAVIOUR)
            yield Soak(server, net, app)


def test_no_job_is_lost_or_run_twice_under_random_faults(soak: Soak) -> None:
    soak.run()
    ended = wait_for_final_states(
        soak.server.url, soak.inserted, timeout=3 * TIMEOUT, meanwhile=soak.replace_exited
    )
    commits = read_commits(soak)
    check_effects(soak.app.root, ended, stopped=frozenset(soak.stopped), rolled_back=bool(commits))
    check_failures(soak, ended)
    check_commits(commits, ended)
    complaints = soak.app.root / "complaints"
    assert not complaints.exists(), complaints.read_text()
    for worker in soak.workers:
        terminate(worker)


def check_failures(soak: Soak, ended: dict[str, tuple[str, int]]) -> None:
    """Check that no job has failed but those whose end the database has refused."""
    failed = [job for job, (status, _) in ended.items() if status != "succeeded"]
    with soak.connect() as conn:
        query = "SELECT id::text, last_error FROM probe_jobs WHERE id = ANY (%s::uuid[])"
        errors: dict[str, str] = dict(conn.execute(query, (failed,)).fetchall())
    for job in failed:
        assert ended[job][0] == "failed"
        assert "refused" in errors[job], errors[job]
    effects = (soak.app.root / "effects").read_text()
    for job, error in errors.items():
        if "perform returned" in error:
            assert f"done {job} {ended[job][1]} " in effects, f"{job} failed without its effect"
    print("ended:", *Counter(status for status, _ in ended.values()).items())


def read_commits(soak: Soak) -> Counter[str]:
    """Return how often each job's own transaction was committed."""
    with soak.connect() as conn:
        return Counter(job for (job,) in conn.execute("SELECT job::text FROM commits"))


def check_commits(commits: Counter[str], ended: dict[str, tuple[str, int]]) -> None:
    """Check that what jobs wrote in their own transactions is there if they succeeded, and once."""
    if commits:
        assert max(commits.values()) == 1
        for job, (status, _) in ended.items():
            assert (job in commits) == (status == "succeeded"), f"{job} {status}"
