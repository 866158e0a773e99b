"""Effects of jobs, recorded by the jobs where neither a database nor a worker can lose them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import LiteralString

import psycopg

from tests.support.application import Application
from tests.support.waiting import TIMEOUT

RECORDING = '''
from contextlib import contextmanager


@contextmanager
def recorded(job):
    """Record in the file `effects` that this attempt ended; lock the job meanwhile."""
    import fcntl
    with open(f"locks/{job.id}", "a+") as lock:
        locks.add(lock.fileno())
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            record("overlap", job, lock.read().split()[-1])
        else:
            lock.write(f"{os.getpid()}\\n")
            lock.flush()
        try:
            yield
        finally:
            locks.discard(lock.fileno())
        record("done", job, os.getpid())


# A process that another job forks would hold the locks on, even after this one has been killed.
locks = set()
os.register_at_fork(after_in_child=lambda: [os.close(number) for number in locks])


def record(event, job, pid):
    file = os.open("effects", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, f"{event} {job.id} {job.attempts_count} {pid}\\n".encode())
    os.close(file)
'''
"""The end of a job's module. The kernel releases the lock when the process ends, even if killed."""

FINAL = ("succeeded", "failed", "timed_out")


def write_recorded_job(app: Application, body: str, *, options: str = "") -> None:
    """Write Probe, with `recorded` for the use of its `perform`."""
    app.write_job(body, options=options)
    (app.root / "locks").mkdir(exist_ok=True)
    with (app.root / "Web/Job/Probe.py").open("a") as module:
        module.write(RECORDING)


def wait_for_final_states(
    url: str,
    rows: int,
    *,
    table: LiteralString = "probe_jobs",
    timeout: float = TIMEOUT,
    meanwhile: Callable[[], None] = lambda: None,
) -> dict[str, tuple[str, int]]:
    """Wait until all `rows` rows are in a final state, through outages of the database.

    Args:
        url: The database.
        rows: How many rows there are.
        table: The table, or a view of it and of the rows that were deleted.
        timeout: Seconds until the test fails.
        meanwhile: Called again and again.

    Returns:
        The status and the attempts of each row, by its id.
    """
    deadline = time.monotonic() + timeout
    while True:
        meanwhile()
        found = _read(url, table)
        unfinished = Counter(status for status, _ in (found or {}).values() if status not in FINAL)
        if found is not None and not unfinished:
            assert len(found) == rows
            return found
        assert time.monotonic() < deadline, f"not ended: {unfinished or 'no answer'}"
        time.sleep(0.1)


def check_effects(
    root: Path,
    ended: dict[str, tuple[str, int]],
    *,
    stopped: frozenset[int] = frozenset(),
    rolled_back: bool = False,
) -> Counter[str]:
    """Check that each success has its effect, and each effect an attempt that was counted.

    No two attempts of a job may run at once, unless one of them runs in a process of `stopped`,
    which was stopped for so long that others took over its jobs. An attempt that was interrupted
    after its effect does not count, so the next one has the same number.

    Args:
        root: The application's folder.
        ended: The status and the attempts of each row, by its id.
        stopped: Processes that were stopped.
        rolled_back: Whether jobs record their effect in a transaction that may be rolled back. A
            worker that shuts down meanwhile releases the job, and does not count that attempt.

    Returns:
        How often each job's effect happened.
    """
    effects: Counter[tuple[str, int]] = Counter()
    interrupted: Counter[tuple[str, int]] = Counter()
    for line in (root / "effects").read_text().splitlines():
        event, job, attempt, pid = line.split()
        if event == "overlap":
            assert int(pid) in stopped, f"{job} ran twice at once"
        elif event == "interrupted":
            interrupted[job, int(attempt)] += 1
        else:
            effects[job, int(attempt)] += 1
    times = Counter(job for job, _ in effects)
    for job, (status, attempts) in ended.items():
        if status == "succeeded":
            assert effects[job, attempts], f"{job} succeeded without its effect"
    for (job, number), count in effects.items():
        assert number <= ended[job][1], f"{job} ran in an attempt that was not counted"
        repeated = count - interrupted[job, number]
        assert repeated <= 1 or rolled_back, f"{job} ran {count} times in attempt {number}"
    return times


def check_failures(root: Path, ended: dict[str, tuple[str, int]], errors: dict[str, str]) -> None:
    """Check that no job has failed but those whose end the database has refused.

    Args:
        root: The application's folder.
        ended: The status and the attempts of each row, by its id.
        errors: The last error of each job that has not succeeded, by its id.
    """
    failed = {job: status for job, (status, _) in ended.items() if status != "succeeded"}
    assert failed.keys() == errors.keys()
    effects = (root / "effects").read_text()
    for job, error in errors.items():
        assert failed[job] == "failed"
        assert "refused" in error, error
        if "perform returned" in error:
            assert f"done {job} {ended[job][1]} " in effects, f"{job} failed without its effect"


def check_commits(commits: Counter[str], ended: dict[str, tuple[str, int]]) -> None:
    """Check that what jobs wrote in their own transactions is there if they succeeded, and once.

    Args:
        commits: How often each job's transaction was committed.
        ended: The status and the attempts of each row, by its id.
    """
    for job, (status, _) in ended.items():
        assert commits[job] == (status == "succeeded"), f"{job} {status}, {commits[job]} commits"
    assert commits.keys() <= ended.keys()


def check_complaints(root: Path) -> None:
    """Check that no job has complained in the application's folder."""
    complaints = root / "complaints"
    assert not complaints.exists(), complaints.read_text()


def _read(url: str, table: LiteralString) -> dict[str, tuple[str, int]] | None:
    """Return the status and attempts of each row; None while the database does not answer."""
    query = (
        "SELECT id::text, replace(status::text, 'job_status_', ''), attempts_count"  # noqa: S608 -- the test's own text
        f" FROM {table}"
    )
    try:
        with psycopg.connect(url) as conn:
            rows = conn.execute(query).fetchall()
            assert len(rows) == len({row[0] for row in rows})
            return {row[0]: (row[1], row[2]) for row in rows}
    except psycopg.OperationalError:
        return None
