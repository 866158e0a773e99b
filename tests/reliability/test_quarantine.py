"""Jobs whose last worker died run so that they take no other job with them again and again."""

from __future__ import annotations

import signal
from uuid import UUID

import pytest
from jobgen_runtime.executor.quarantine import QUARANTINE_PROCESSES
from jobgen_runtime.queue.suspects import DEATH_ERRORS

from tests.support.application import SHORT_LEASE, Application
from tests.support.other_kind import attempts_of_other, insert_other
from tests.support.process import Process
from tests.support.rows import Rows
from tests.support.waiting import wait_for

HOW = {
    "async": """
        async def perform(self, job):
            if job.what == "wait":
                os.write(1, f"waits {job.id} {os.getpid()}\\n".encode())
                while not os.path.exists("go"):
                    await asyncio.sleep(0.01)
            elif job.what == "poison":
                await asyncio.sleep(0.05)
                os.kill(os.getpid(), signal.SIGKILL)
            os.write(1, f"ran {job.id} {os.getpid()}\\n".encode())
        """,
    "in threads": """
        def perform(self, job):
            if job.what == "wait":
                os.write(1, f"waits {job.id} {os.getpid()}\\n".encode())
                while not os.path.exists("go"):
                    time.sleep(0.01)
            elif job.what == "poison":
                time.sleep(0.05)
                os.kill(os.getpid(), signal.SIGKILL)
            os.write(1, f"ran {job.id} {os.getpid()}\\n".encode())
        """,
}

ALONE = "run alone: no other job starts"
ONE_BY_ONE = "run one at a time"
OVER = "no waiting job is left whose last worker died"
SUSPECTS = QUARANTINE_PROCESSES + 2


@pytest.fixture(params=HOW)
def how(request: pytest.FixtureRequest) -> str:
    """A `perform` that waits for the file `go`, kills its process or returns, as `what` says."""
    return HOW[request.param]


def insert_suspects(rows: Rows, what: str = "wait", *, n: int = 1, deaths: int = 1) -> list[UUID]:
    """Insert jobs that were running when `deaths` workers in a row died."""
    jobs = rows.insert(what, n=n, run_at="now() - interval '1 minute'")
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_retry', attempts_count = %s, last_error = %s,"
        " locked_by = gen_random_uuid() WHERE id = ANY (%s)",
        (deaths, DEATH_ERRORS[deaths - 1], jobs),
    )
    return jobs


def processes(worker: Process, event: str = "waits") -> dict[UUID, int]:
    """Return the process of each job that the worker's output tells `event` of, so far."""
    words = [line.split() for line in worker.lines if line.startswith(event)]
    return {UUID(job): int(pid) for _, job, pid in words}


def terminate(worker: Process) -> str:
    worker.send_signal(signal.SIGTERM)
    return worker.wait_for_exit()


def test_jobs_of_a_killed_worker_hold_up_no_other_job(
    two_kinds: Application, rows: Rows, how: str
) -> None:
    two_kinds.write_job(how, options=f"max_concurrency = {SUSPECTS}\n")
    killed = two_kinds.run_jobs(*SHORT_LEASE)
    jobs = rows.insert("wait", n=SUSPECTS)
    killed.wait_for_line("waits", times=SUSPECTS)
    killed.send_signal(signal.SIGKILL)
    worker = two_kinds.run_jobs(*SHORT_LEASE)
    worker.wait_for_line("waits", times=QUARANTINE_PROCESSES)
    # Jobs of another kind and of the same kind start as usual, in the worker itself.
    assert [attempts_of_other(rows, insert_other(rows)) for _ in range(3)] == [1, 1, 1]
    [another] = rows.insert()
    rows.wait_for_status([another], "succeeded", attempts=1)
    worker.wait_for_line(f"ran {another}")
    assert processes(worker, "ran")[another] == worker.process.pid
    assert worker.process.pid not in processes(worker).values()
    two_kinds.write("go", "")
    rows.wait_for_status(jobs, "succeeded", attempts=2)
    worker.wait_for_line(OVER)
    log = terminate(worker)
    assert log.count("in separate processes") == 1
    assert log.count(OVER) == 1


def test_long_jobs_in_quarantine_behind_quick_ones_hold_up_no_other_job(
    app: Application, rows: Rows, how: str
) -> None:
    app.write_job(how, options="max_concurrency = 8\n")
    quick = insert_suspects(rows, "return", n=80)
    long = insert_suspects(rows, n=20)
    worker = app.run_jobs()
    worker.wait_for_line("waits", times=QUARANTINE_PROCESSES)
    rows.wait_for_status(rows.insert(n=3), "succeeded", attempts=1)
    rows.wait_for_status(quick, "succeeded", attempts=2)
    assert len(processes(worker)) == QUARANTINE_PROCESSES
    app.write("go", "")
    rows.wait_for_status(long, "succeeded", attempts=2)
    terminate(worker)


def test_poison_job_kills_one_worker_and_then_only_its_own_process(
    app: Application, rows: Rows, how: str
) -> None:
    app.write_job(how, options="max_attempts = 4\nmax_concurrency = 4\n")
    poison = rows.insert("poison")
    app.start("run-jobs", *SHORT_LEASE).wait_for_exit(-signal.SIGKILL)
    worker = app.run_jobs(*SHORT_LEASE)
    beside = rows.insert("wait")
    rows.wait_for_status(beside, "running", attempts=1)
    rows.wait_for_status(poison, "failed", attempts=4)
    error = rows.get(poison[0]).last_error
    assert "The worker of an earlier attempt died" in error
    assert "SIGKILL" in error
    app.write("go", "")
    rows.wait_for_status(beside, "succeeded", attempts=1)
    terminate(worker)


def test_jobs_run_one_at_a_time_once_two_workers_in_a_row_died_with_them(
    two_kinds: Application, rows: Rows, how: str
) -> None:
    two_kinds.write_job(how, options="max_concurrency = 8\n")
    jobs = insert_suspects(rows, n=2, deaths=1)
    first = two_kinds.run_jobs(*SHORT_LEASE)
    first.wait_for_line("waits", times=2)
    first.send_signal(signal.SIGKILL)
    worker = two_kinds.run_jobs(*SHORT_LEASE)
    worker.wait_for_line(ONE_BY_ONE)
    worker.wait_for_line("waits")
    assert {rows.get(job).last_error for job in jobs} == {DEATH_ERRORS[1]}
    assert attempts_of_other(rows, insert_other(rows)) == 1
    states = {rows.get(job).status for job in jobs}
    assert states == {"job_status_running", "job_status_retry"}
    two_kinds.write("go", "")
    rows.wait_for_status(jobs, "succeeded", attempts=3)
    terminate(worker)


def test_job_runs_alone_once_three_workers_in_a_row_died_with_it(
    two_kinds: Application, rows: Rows
) -> None:
    two_kinds.write_job(HOW["async"], options="max_concurrency = 8\n")
    [job] = insert_suspects(rows, deaths=2)
    first = two_kinds.run_jobs(*SHORT_LEASE)
    first.wait_for_line("waits")
    first.send_signal(signal.SIGKILL)
    worker = two_kinds.run_jobs(*SHORT_LEASE)
    worker.wait_for_line(ALONE)
    rows.wait_for_status([job], "running", attempts=4)
    assert rows.get(job).last_error == DEATH_ERRORS[2]
    other = insert_other(rows)
    another = rows.insert()
    query = "SELECT status FROM other_jobs WHERE id = %s"
    assert rows.conn.execute(query, (other,)).fetchone() == ("job_status_not_started",)
    two_kinds.write("go", "")
    rows.wait_for_status([job], "succeeded", attempts=4)
    rows.wait_for_status(another, "succeeded", attempts=1)
    assert attempts_of_other(rows, other) == 1
    # Nothing has started next to it.
    assert rows.changes(another[0])[0][0] == "job_status_running"
    order = [row for row, status, _ in rows.seen if status == "job_status_succeeded"]
    assert order.index(job) < order.index(another[0])
    log = terminate(worker)
    assert log.count(ALONE) == 1
    assert log.count("other jobs start again") == 1


def test_job_that_a_shutdown_interrupts_in_quarantine_stays_there(
    app: Application, rows: Rows, how: str
) -> None:
    app.write_job(how, options="max_attempts = 5\n")
    [job] = insert_suspects(rows)
    first = app.run_jobs("--grace", "0.1")
    first.wait_for_line("waits")
    terminate(first)
    assert (rows.get(job).status, rows.get(job).attempts_count) == ("job_status_retry", 1)
    app.write("go", "")
    worker = app.run_jobs()
    worker.wait_for_line(f"ran {job}")
    assert processes(worker, "ran")[job] != worker.process.pid
    rows.wait_for_status([job], "succeeded", attempts=2)
    assert rows.get(job).locked_by is None
    terminate(worker)


def test_job_is_out_of_quarantine_once_an_attempt_has_ended_by_itself(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        """
        async def perform(self, job):
            os.write(1, f"ran {job.id} {os.getpid()}\\n".encode())
            if job.attempts_count == 2:
                raise ValueError("an ordinary failure")
        """
    )
    [job] = insert_suspects(rows)
    worker = app.run_jobs()
    rows.wait_for_status([job], "succeeded", attempts=3)
    output = terminate(worker)
    ran = [int(line.split()[2]) for line in output.splitlines() if line.startswith("ran")]
    assert ran[0] != worker.process.pid
    assert ran[1] == worker.process.pid


def test_job_that_cannot_run_in_a_separate_process_runs_in_the_worker(
    app: Application, rows: Rows
) -> None:
    app.write_job(HOW["async"])
    (app.root / "WorkerMain.py").write_text(
        "import sys\n"
        "from Web.Job.Probe import Probe\n"
        "if sys.argv[0] == '-c':\n"
        "    raise RuntimeError('not here')\n"
        "workers = [Probe]\n"
    )
    jobs = insert_suspects(rows, "return", n=3)
    worker = app.run_jobs()
    rows.wait_for_status(jobs, "succeeded", attempts=2)
    output = terminate(worker)
    assert "cannot run in a separate process" in output
    assert ONE_BY_ONE in output
    assert set(processes(worker, "ran").values()) == {worker.process.pid}


def test_jobs_of_a_killed_worker_are_found_while_others_keep_the_worker_busy(
    app: Application, rows: Rows
) -> None:
    # One write for each line: those of several processes must not mix.
    app.write_job(
        "async def perform(self, job):\n    os.write(1, f'ran {job.id} {os.getpid()}\\n'.encode())"
    )
    rows.insert(n=2000)
    jobs = insert_suspects(rows, "return", n=5)
    last = rows.insert(n=1)
    worker = app.run_jobs("--poll", "0.5")
    rows.wait_for_status(jobs, "succeeded", attempts=2)
    rows.wait_for_status(last, "succeeded")
    terminate(worker)
    assert worker.process.pid not in {processes(worker, "ran")[job] for job in jobs}


def test_job_that_is_due_later_runs_on_time_behind_a_job_in_quarantine(
    app: Application, rows: Rows
) -> None:
    app.write_job(HOW["async"], options="max_concurrency = 8\n")
    suspects = insert_suspects(rows, n=SUSPECTS)
    worker = app.run_jobs()
    worker.wait_for_line("waits", times=QUARANTINE_PROCESSES)
    later = rows.insert(run_at="now() + interval '1 second'")
    rows.wait_for_status(later, "succeeded", attempts=1)
    app.write("go", "")
    rows.wait_for_status(suspects, "succeeded", attempts=2)
    terminate(worker)


def test_drain_waits_for_jobs_in_quarantine(app: Application, rows: Rows, how: str) -> None:
    app.write_job(how)
    jobs = insert_suspects(rows, "return", n=SUSPECTS)
    app.start("run-jobs", "--drain").wait_for_exit()
    assert {rows.get(job).status for job in jobs} == {"job_status_succeeded"}


def test_thousands_of_short_jobs_of_dead_workers_are_rerun_quickly(
    app: Application, rows: Rows
) -> None:
    app.write_job("async def perform(self, job):\n    pass")
    insert_suspects(rows, "return", n=5000)
    app.start("run-jobs", "--drain").wait_for_exit()
    left = "SELECT count(*) FROM probe_jobs WHERE status <> 'job_status_succeeded'"
    wait_for(lambda: rows.conn.execute(left).fetchone() == (0,), "all jobs succeed")
