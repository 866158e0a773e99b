"""What the jobs did, written by them where no database and no worker can lose it."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg

from tests.support.application import Application

RECORDING = '''
from contextlib import contextmanager


@contextmanager
def recorded(job):
    """Says in the file `effects` that this attempt ended; holds a lock on the job meanwhile."""
    import fcntl
    with open(f"locks/{job.id}", "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            note("overlap", job, lock.read().split()[-1])
        else:
            lock.write(f"{os.getpid()}\\n")
            lock.flush()
        yield
        note("done", job, os.getpid())


def note(what, job, pid):
    file = os.open("effects", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, f"{what} {job.id} {job.attempts_count} {pid}\\n".encode())
    os.close(file)
'''
"""For a job's module. The kernel lets go of the lock when the process ends, however it does."""


def keep_books(app: Application, body: str, *, options: str = "") -> None:
    """Writes the job, with `recorded` for its `perform`."""
    app.write_job(body, options=options)
    (app.root / "locks").mkdir(exist_ok=True)
    with (app.root / "Web/Job/Probe.py").open("a") as module:
        module.write(RECORDING)


FINAL = ("succeeded", "failed", "timed_out")


def settle(url: str, rows: int, patience: float) -> dict[str, tuple[str, int]]:
    """Waits until every row is in a final state: each one's status and attempts by id."""
    deadline = time.monotonic() + patience
    while True:
        found = _read(url)
        open_rows = Counter(status for status, _ in found.values() if status not in FINAL)
        if not open_rows:
            assert len(found) == rows
            return found
        assert time.monotonic() < deadline, f"not ended: {open_rows}"
        time.sleep(0.1)


def balance(
    root: Path, ended: dict[str, tuple[str, int]], *, stopped: frozenset[int] = frozenset()
) -> Counter[str]:
    """Every success has its effect, every effect its attempt, and none happened at once with
    another, except beside a process that was `stopped` for so long that others took over.

    How often each job's effect happened.
    """
    effects: Counter[tuple[str, int]] = Counter()
    for line in (root / "effects").read_text().splitlines():
        what, job, attempt, pid = line.split()
        if what == "overlap":
            assert int(pid) in stopped, f"{job} ran twice at once"
        else:
            effects[job, int(attempt)] += 1
    times = Counter(job for job, _ in effects)
    for job, (status, attempts) in ended.items():
        if status == "succeeded":
            assert effects[job, attempts], f"{job} succeeded without its effect"
    for (job, number), count in effects.items():
        assert number <= ended[job][1], f"{job} ran in an attempt that was not counted"
        assert count == 1, f"{job} ran {count} times in attempt {number}"
    return times


def _read(url: str) -> dict[str, tuple[str, int]]:
    query = (
        "SELECT id::text, replace(status::text, 'job_status_', ''), attempts_count FROM probe_jobs"
    )
    while True:
        try:
            with psycopg.connect(url) as conn:
                rows: list[tuple[Any, ...]] = conn.execute(query).fetchall()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return {row[0]: (row[1], row[2]) for row in rows}
