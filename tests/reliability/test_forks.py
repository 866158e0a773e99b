"""Processes that jobs fork take no part in what the worker does, and do not disturb it."""

from __future__ import annotations

import os
import signal
import socket
import textwrap
from urllib.parse import urlsplit

import pytest

from tests.support.application import Application, branches
from tests.support.rows import Rows
from tests.support.waiting import TIMEOUT, wait_for

IN_A_PROCESS = 'isolation = "process"\nmax_attempts = 1\nmax_concurrency = 4\n'

PERFORMS = {
    "on asyncio's loop": ("async def", "", ("--loop", "asyncio")),
    "on uvloop": ("async def", "", ("--loop", "uvloop")),
    "in a thread": ("def", "", ()),
    "in a job process": ("def", IN_A_PROCESS, ()),
}
"""Where a job runs: the beginning of its `perform`, the job's options, and the worker's."""


def jobs_of_each_kind(where: str) -> int:
    """Return how many jobs do the same: one if each job has its own process."""
    return 1 if where == "in a job process" else 3


FORK_AND_WAIT = """\
{perform} perform(self, job):
    if job.what == "return":
        return
    pid = os.fork()
    if pid == 0:
{child}
    else:
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        # One write: the lines of several processes must not mix.
        os.write(1, b"child that %s exited with %d\\n" % (job.what.encode(), code))
"""

ENDS = {
    "returns": ("return", 0),
    "exits": ("sys.exit(7)", 7),
    "exits with a message": ("sys.exit('enough')", 1),
    "raises": ("raise ValueError('in the child')", 1),
    "exits at once": ("os._exit(5)", 5),
    "becomes another program": ("os.execv('/bin/sh', ['sh', '-c', 'exit 6'])", 6),
}


@pytest.mark.parametrize("where", PERFORMS)
def test_forked_process_ends_with_its_own_code_and_reports_no_outcome(
    app: Application, rows: Rows, where: str
) -> None:
    perform, options, worker_options = PERFORMS[where]
    child = textwrap.indent(branches({end: body for end, (body, _) in ENDS.items()}), " " * 8)
    app.write_job(FORK_AND_WAIT.format(perform=perform, child=child), options=options)
    worker = app.run_jobs(*worker_options)
    n = jobs_of_each_kind(where)
    jobs = [job for end in ENDS for job in (*rows.insert(end, n=n), *rows.insert(n=n))]
    worker.wait_for_line("child that ", times=n * len(ENDS))
    for end, (_, code) in ENDS.items():
        assert worker.lines.count(f"child that {end} exited with {code}") == n, worker.lines
    rows.wait_for_status(jobs, "succeeded", attempts=1)
    worker.send_signal(signal.SIGTERM)
    output = worker.wait_for_exit()
    assert "internal error" not in output
    assert output.count("shutdown requested") == 1


AWAITS = {
    "a bare yield": "await asyncio.sleep(0)",
    "a wait": "await asyncio.sleep(600)",
    "an event": "await asyncio.Event().wait()",
    "a task": "await asyncio.create_task(asyncio.sleep(0))",
    "an awaited future": "await type(self).future",
}


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_forked_process_that_awaits_does_not_carry_on_as_a_worker(
    app: Application, rows: Rows, loop: str
) -> None:
    app.write_job(
        f"""\
async def perform(self, job):
    if job.what == "return":
        open("performed", "a").write(f"{{os.getpid()}}\\n")
        await asyncio.sleep(0)
        return
    type(self).future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(type(self).future.set_result, None)
    pid = os.fork()
    if pid == 0:
{textwrap.indent(branches(AWAITS), " " * 8)}
        os._exit(99)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print("child exited with", code, flush=True)
"""
    )
    worker = app.run_jobs("--loop", loop)
    jobs = [job for waits in AWAITS for job in (*rows.insert(waits), *rows.insert(n=3))]
    worker.wait_for_line("child exited with ", times=len(AWAITS))
    assert "child exited with 99" not in worker.lines
    rows.wait_for_status(jobs, "succeeded", attempts=1)
    pids = set((app.root / "performed").read_text().split())
    assert pids == {str(worker.process.pid)}


FORKS_ELSEWHERE = {
    "in a call of asyncio.to_thread": "await asyncio.to_thread(self.fork, job)",
    "in a task": "await asyncio.create_task(self.fork_in_a_task(job))",
}


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_process_forked_outside_of_perform_ends_with_its_own_code(
    app: Application, rows: Rows, loop: str
) -> None:
    app.write_job(
        f"""\
async def perform(self, job):
{textwrap.indent(branches(FORKS_ELSEWHERE), "    ")}
async def fork_in_a_task(self, job):
    self.fork(job)

def fork(self, job):
    pid = os.fork()
    if pid == 0:
        sys.exit(7)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.write(1, b"child %s exited with %d\\n" % (job.what.encode(), code))
"""
    )
    worker = app.run_jobs("--loop", loop)
    jobs = [job for where in FORKS_ELSEWHERE for job in rows.insert(where, n=2)]
    worker.wait_for_line("child in ", times=2 * len(FORKS_ELSEWHERE))
    for where in FORKS_ELSEWHERE:
        assert worker.lines.count(f"child {where} exited with 7") == 2, worker.lines
    rows.wait_for_status(jobs, "succeeded", attempts=1)


# A child that Python is to interrupt sleeps for short times: Python handles a signal that arrives
# right before a sleep only after it.
TERMINATED = {
    "a process that is terminated at once": """
        context = multiprocessing.get_context("fork")
        child = context.Process(target=time.sleep, args=(600,))
        child.start()
        child.terminate()
        child.join()
        assert child.exitcode == -15, child.exitcode
    """,
    "a pool": """
        with multiprocessing.get_context("fork").Pool(2) as pool:
            assert pool.map(abs, range(-3, 3)) == [3, 2, 1, 0, 1, 2]
        pool.join()
    """,
    "a process of another start method": """
        context = multiprocessing.get_context("forkserver")
        child = context.Process(target=abs, args=(1,))
        child.start()
        child.join()
        assert child.exitcode == 0, child.exitcode
    """,
    "an executor": """
        context = multiprocessing.get_context("fork")
        with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
            assert list(executor.map(abs, range(-3, 3))) == [3, 2, 1, 0, 1, 2]
    """,
    "a command with a preexec_fn": """
        child = subprocess.Popen(["sleep", "600"], preexec_fn=lambda: None)
        child.terminate()
        assert child.wait() == -15
    """,
    "Ctrl-C in a child": """
        pid = os.fork()
        if pid == 0:
            try:
                while True:
                    time.sleep(0.01)
            finally:
                os._exit(0)
        os.kill(pid, signal.SIGINT)
        os.waitpid(pid, 0)
    """,
    "Ctrl-C in a child whose fork has not ended": """
        def interrupt():
            if self.is_interrupted:
                os.kill(os.getpid(), signal.SIGINT)
        type(self).is_interrupted = True
        os.register_at_fork(after_in_child=interrupt)
        pid = os.fork()
        if pid == 0:
            time.sleep(600)
        type(self).is_interrupted = False
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        assert code == -signal.SIGINT, code
    """,
}


@pytest.mark.parametrize("where", PERFORMS)
def test_signal_to_a_process_that_a_job_started_does_not_reach_the_worker(
    app: Application, rows: Rows, where: str
) -> None:
    perform, options, worker_options = PERFORMS[where]
    app.write_job(
        f"{perform} perform(self, job):\n"
        "    import concurrent.futures, multiprocessing, subprocess\n"
        + textwrap.indent(branches(TERMINATED), "    "),
        # Forks of several threads at the same time disturb Python's forkserver: it answers 255.
        options=options + "max_concurrency = 1\ntimeout = timedelta(seconds=120)\n",
    )
    jobs = [job for starts in TERMINATED for job in rows.insert(starts, n=2)]
    worker = app.start("run-jobs", "--drain", *worker_options)
    output = worker.wait_for_exit()
    assert "shutdown requested" not in output
    rows.wait_for_status(jobs, "succeeded", attempts=1)


def test_pools_of_jobs_in_processes_end_although_their_children_log(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        """
        def perform(self, job):
            import multiprocessing
            with multiprocessing.get_context("fork").Pool(4) as pool:
                assert pool.map(self.work, range(40)) == list(range(40))

        @staticmethod
        def work(number):
            import logging
            logging.getLogger("shop").warning("long %s", "x" * 50_000)
            return number
        """,
        options=IN_A_PROCESS + "timeout = timedelta(seconds=60)\n",
    )
    jobs = rows.insert(n=20)
    app.start("run-jobs", "--drain").wait_for_exit()
    rows.wait_for_status(jobs, "succeeded", attempts=1)


@pytest.mark.parametrize("where", PERFORMS)
def test_forked_process_that_outlives_its_worker_keeps_no_connection_and_no_port(
    app: Application, rows: Rows, where: str
) -> None:
    perform, options, worker_options = PERFORMS[where]
    app.write_job(
        f"""
        {perform} perform(self, job):
            pid = os.fork()
            if pid == 0:
                os.setsid()
                # Keeps everything but the output of the worker.
                nothing = os.open(os.devnull, os.O_RDWR)
                for number in range(3):
                    os.dup2(nothing, number)
                time.sleep(600)
                os._exit(0)
            print("left", pid, flush=True)
        """,
        options=options,
    )
    worker = app.run_jobs("--health", "0", *worker_options)
    url = worker.wait_for_line("listening on http").split()[-1]
    rows.insert()
    left = int(worker.wait_for_line("left ").split()[-1])
    try:
        worker.send_signal(signal.SIGKILL)
        worker.wait_for_exit(-signal.SIGKILL)
        sessions = (
            "SELECT FROM pg_stat_activity"
            " WHERE application_name LIKE 'run-jobs%' AND datname = current_database()"
        )
        wait_for(lambda: not rows.conn.execute(sessions).fetchall(), "its sessions end")
        socket.create_server(("127.0.0.1", urlsplit(url).port or 0)).close()
    finally:
        os.kill(left, signal.SIGKILL)


def test_shutdown_does_not_wait_for_a_forked_process(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        async def perform(self, job):
            from jobgen_runtime.heartbeat import watchdog
            watchdog.STOP_TIMEOUT_SECONDS = 600
            pid = os.fork()
            if pid == 0:
                time.sleep(600)
                os._exit(0)
            print("left", pid, flush=True)
        """
    )
    worker = app.run_jobs()
    rows.insert()
    left = int(worker.wait_for_line("left ").split()[-1])
    worker.send_signal(signal.SIGTERM)
    try:
        assert worker.process.wait(TIMEOUT) == 0
    finally:
        os.kill(left, signal.SIGKILL)


LEAVES = {"exits": "sys.exit(7)", "returns": "return", "goes on": "pass"}


@pytest.mark.parametrize("where", PERFORMS)
def test_forked_process_does_not_end_the_transaction_of_its_job(
    app: Application, rows: Rows, where: str
) -> None:
    perform, options, worker_options = PERFORMS[where]
    begin, call = (
        ("async with job.transaction()", "await ")
        if perform == "async def"
        else ("with job.transaction_sync()", "")
    )
    app.write_job(
        f"""\
{perform} perform(self, job):
    {begin} as conn:
        {call}conn.execute("CREATE TABLE {{}} ()".format(job.what.replace(" ", "_")))
        pid = os.fork()
        if pid == 0:
{textwrap.indent(branches(LEAVES), " " * 12)}
        else:
            os.waitpid(pid, 0)
        {call}conn.execute("INSERT INTO forked SELECT")
""",
        options=options,
    )
    rows.conn.execute("CREATE TABLE forked ()")
    jobs = [job for leaves in LEAVES for job in rows.insert(leaves)]
    app.start("run-jobs", "--drain", *worker_options).wait_for_exit()
    rows.wait_for_status(jobs, "succeeded", attempts=1)
    for leaves in LEAVES:
        rows.conn.execute(f"DROP TABLE {leaves.replace(' ', '_')}".encode())
    assert rows.conn.execute("SELECT count(*) FROM forked").fetchone() == (len(LEAVES),)


HANDLERS = {
    "is ignored": "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "has no effect": "signal.signal(signal.SIGTERM, lambda *_: None)",
}


@pytest.mark.parametrize("handler", HANDLERS)
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_child_of_a_job_can_be_terminated_although_another_job_has_replaced_the_handler(
    app: Application, rows: Rows, loop: str, handler: str
) -> None:
    """Pool.terminate relies on it: else it waits for ever now and then."""
    app.write_job(
        f"""
        async def perform(self, job):
            import multiprocessing
            if job.what == "handler":
                {HANDLERS[handler]}
                type(self).replaced.set()
            else:
                await type(self).replaced.wait()
                child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
                child.start()
                child.terminate()
                child.join(30)
                assert child.exitcode == -15, child.exitcode
        """,
        options="replaced = asyncio.Event()\nmax_attempts = 1\n",
    )
    jobs = rows.insert("terminate") + rows.insert("handler")
    app.start("run-jobs", "--drain", "--loop", loop).wait_for_exit()
    rows.wait_for_status(jobs, "succeeded", attempts=1)


def test_job_in_its_own_process_passes_its_handler_of_sigterm_on(
    app: Application, rows: Rows
) -> None:
    # It sleeps for short times, as in TERMINATED.
    app.write_job(
        """
        def perform(self, job):
            signal.signal(signal.SIGTERM, lambda *_: os._exit(9))
            pid = os.fork()
            if pid == 0:
                while True:
                    time.sleep(0.01)
            os.kill(pid, signal.SIGTERM)
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9
        """,
        options=IN_A_PROCESS,
    )
    jobs = rows.insert(n=2)
    app.start("run-jobs", "--drain").wait_for_exit()
    rows.wait_for_status(jobs, "succeeded", attempts=1)
