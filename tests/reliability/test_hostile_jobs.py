"""Jobs that take the event loop, its threads, its signals or its output away from the worker."""

from __future__ import annotations

import asyncio
import signal
import socket
import textwrap
import threading
from uuid import UUID

import pytest
from jobgen_runtime.cli.event_loops import choose_event_loop
from jobgen_runtime.supervisor.signals import RESTORE_HANDLERS_SECONDS

from tests.support.application import Application, branches
from tests.support.process import Process
from tests.support.rows import Rows
from tests.support.waiting import TIMEOUT, wait_for

LOOPS = ["asyncio", "uvloop"]


def terminate(worker: Process, code: int = 0) -> str:
    worker.send_signal(signal.SIGTERM)
    return worker.wait_for_exit(code)


def assert_released(rows: Rows, job: UUID) -> None:
    row = rows.get(job)
    assert (row.status, row.attempts_count) == ("job_status_not_started", 0)


@pytest.mark.parametrize("loop", LOOPS)
def test_worker_shuts_down_although_jobs_block_all_threads_of_the_loop(
    app: Application, rows: Rows, loop: str
) -> None:
    app.write_job(
        """
        async def perform(self, job):
            print("blocks", flush=True)
            await asyncio.to_thread(time.sleep, 600)
        """,
        options="max_concurrency = 50\n",
    )
    worker = app.run_jobs("--grace", "0.1", "--loop", loop)
    jobs = rows.insert(n=50)
    worker.wait_for_line("blocks", times=50)
    assert "shut down" in terminate(worker)
    for job in jobs:
        assert_released(rows, job)
    assert rows.conn.execute("SELECT count(*) FROM job_workers").fetchone() == (0,)


@pytest.mark.parametrize("loop", LOOPS)
def test_host_name_is_looked_up_although_jobs_block_all_threads_of_the_loop(loop: str) -> None:
    release = threading.Event()

    async def look_up() -> None:
        running = asyncio.get_running_loop()
        blocked = [running.run_in_executor(None, release.wait) for _ in range(64)]
        try:
            async with asyncio.timeout(TIMEOUT):
                assert await running.getaddrinfo("localhost", 5432, type=socket.SOCK_STREAM)
                assert await running.getnameinfo(("127.0.0.1", 5432), socket.NI_NUMERICHOST)
        finally:
            release.set()
        await asyncio.gather(*blocked)
        await running.shutdown_default_executor()
        assert await running.getaddrinfo("localhost", 5432)

    with asyncio.Runner(loop_factory=choose_event_loop(loop).factory) as runner:
        runner.run(look_up())


@pytest.mark.parametrize("loop", LOOPS)
def test_worker_goes_on_and_shuts_down_after_a_job_has_shut_down_the_loops_threads(
    app: Application, rows: Rows, loop: str
) -> None:
    app.write_job(
        """
        async def perform(self, job):
            if job.what == "end":
                await asyncio.get_running_loop().shutdown_default_executor()
        """
    )
    worker = app.run_jobs("--loop", loop)
    rows.wait_for_status(rows.insert("end"), "succeeded")
    rows.wait_for_status(rows.insert(n=3), "succeeded")
    output = terminate(worker)
    assert "Traceback" not in output
    assert "shut down" in output


@pytest.mark.parametrize("loop", LOOPS)
def test_worker_whose_tasks_a_job_cancels_releases_its_jobs_and_exits_with_1(
    app: Application, rows: Rows, loop: str
) -> None:
    app.write_job(
        """
        async def perform(self, job):
            if job.what == "cancel":
                for task in asyncio.all_tasks():
                    task.cancel()
            await asyncio.sleep(600)
        """,
        options="max_attempts = 3\n",
    )
    worker = app.run_jobs("--loop", loop)
    jobs = rows.insert("cancel") + rows.insert(n=3)
    output = worker.wait_for_exit(1)
    assert "tasks were cancelled by a job" in output
    assert "does not answer" not in output
    for job in jobs:
        row = rows.get(job)
        assert row.locked_by is None
        assert row.status in ("job_status_not_started", "job_status_retry")
    assert rows.conn.execute("SELECT count(*) FROM job_workers").fetchone() == (0,)


@pytest.mark.parametrize("loop", LOOPS)
def test_worker_goes_on_after_a_job_has_stopped_the_event_loop(
    app: Application, rows: Rows, loop: str
) -> None:
    app.write_job(
        """
        async def perform(self, job):
            if job.what == "stop":
                asyncio.get_running_loop().stop()
                await asyncio.sleep(0)
        """
    )
    worker = app.run_jobs("--loop", loop)
    rows.wait_for_status(rows.insert("stop", n=3) + rows.insert(n=3), "succeeded", attempts=1)
    rows.wait_for_status(rows.insert(n=3), "succeeded")
    output = terminate(worker)
    assert output.count("stopped the event loop: resuming it") == 1


@pytest.mark.parametrize("loop", LOOPS)
def test_worker_goes_on_after_a_job_has_raised_out_of_the_event_loop(
    app: Application, rows: Rows, loop: str
) -> None:
    app.write_job(
        """
        def fail(*_arguments):
            raise ZeroDivisionError("in a signal handler")

        async def leave(error):
            raise error

        async def perform(self, job):
            import builtins
            how, error = (job.what.split() + [""])[:2]
            if how == "task":
                await asyncio.gather(Probe.leave(getattr(builtins, error)()))
            if how == "callback":
                leaving = Probe.leave(getattr(builtins, error)())
                asyncio.get_running_loop().call_soon(leaving.send, None)
                await asyncio.sleep(0.01)
            if how == "signal":
                signal.signal(signal.SIGALRM, Probe.fail)
                signal.setitimer(signal.ITIMER_REAL, 0.2)
                await asyncio.sleep(0.5)
                # It must not kill the worker while that exits.
                signal.setitimer(signal.ITIMER_REAL, 600)
        """,
        options="max_attempts = 1\n",
    )
    worker = app.run_jobs("--loop", loop)
    failing = []
    for error in ("SystemExit", "KeyboardInterrupt"):
        failing += rows.insert(f"task {error}", n=2)
        good = rows.insert(f"callback {error}", n=2) + rows.insert(n=3)
        rows.wait_for_status(good, "succeeded", attempts=1)
    rows.wait_for_status(failing, "failed", attempts=1)
    errors = {str(rows.get(job).last_error).split("\n")[-1] for job in failing}
    assert errors == {"SystemExit", "KeyboardInterrupt"}
    rows.wait_for_status(rows.insert("signal"), "succeeded")
    rows.wait_for_status(rows.insert(n=3), "succeeded")
    assert "stopped the event loop: resuming it" in terminate(worker)


@pytest.mark.parametrize("loop", LOOPS)
def test_worker_shuts_down_by_ctrl_c_although_a_job_has_replaced_its_handler(
    app: Application, rows: Rows, loop: str
) -> None:
    app.write_job(
        """
        async def perform(self, job):
            signal.signal(signal.SIGINT, signal.default_int_handler)
            os.kill(os.getpid(), signal.SIGINT)
        """
    )
    worker = app.run_jobs("--loop", loop)
    rows.wait_for_status(rows.insert(), "running")
    assert "shutdown requested" in worker.wait_for_exit()


HOOKS = {
    "a trace function that raises": "threading.settrace(Probe.fail)",
    "a profiler that raises": "threading.setprofile(Probe.fail)",
    "a factory of tasks without a context": """
        loop = asyncio.get_running_loop()
        loop.set_task_factory(lambda loop, work: asyncio.Task(work, loop=loop))
    """,
    "a factory of tasks that raises": "asyncio.get_running_loop().set_task_factory(Probe.fail)",
    "a timer": "signal.setitimer(signal.ITIMER_REAL, 5); signal.setitimer(signal.ITIMER_PROF, 5)",
}


@pytest.mark.parametrize("loop", LOOPS)
def test_worker_goes_on_and_shuts_down_whatever_hooks_a_job_has_set(
    app: Application, rows: Rows, loop: str
) -> None:
    app.write_job(
        "def fail(*_arguments):\n    raise ZeroDivisionError('in a hook')\n\n"
        "async def perform(self, job):\n    import threading\n"
        + textwrap.indent(branches(HOOKS), "    "),
        options="max_attempts = 1\n",
    )
    worker = app.run_jobs("--loop", loop)
    for hook in HOOKS:
        rows.wait_for_status(rows.insert(hook), "succeeded", attempts=1)
        rows.wait_for_status(rows.insert(n=2), "succeeded", attempts=1)
    assert "shut down" in terminate(worker)


@pytest.mark.parametrize("loop", LOOPS)
def test_slot_of_a_job_whose_task_was_cancelled_before_it_started_is_freed(
    app: Application, rows: Rows, loop: str
) -> None:
    app.write_job(
        """
        async def perform(self, job):
            if job.what == "cancel" and job.attempts_count == 1:
                for task in asyncio.all_tasks():
                    if "Execution" in repr(task) and task is not asyncio.current_task():
                        task.cancel()
        """,
        options="max_concurrency = 4\nbackoff = ConstantBackoff(timedelta(0))\n",
    )
    jobs = rows.insert("cancel") + rows.insert(n=3)
    worker = app.run_jobs("--loop", loop, "--poll", "0.2")
    rows.wait_for_status(jobs, "succeeded")
    assert "still running" not in terminate(worker)


REPLACED = {
    "ignores SIGTERM": "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "handles SIGTERM": "signal.signal(signal.SIGTERM, lambda *_: print('handled'))",
    "restores the default": "signal.signal(signal.SIGTERM, signal.SIG_DFL)",
    "removes the loop's handler": (
        "asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)"
    ),
    "handles SIGTERM on the loop": (
        "asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, print, 'handled')"
    ),
    "takes the wakeup descriptor": "signal.set_wakeup_fd(-1)",
    "ignores SIGTERM in C": (
        "import ctypes; ctypes.CDLL(None).signal(int(signal.SIGTERM), ctypes.c_void_p(1))"
    ),
}


@pytest.mark.parametrize("replaced", REPLACED)
@pytest.mark.parametrize("loop", LOOPS)
def test_worker_shuts_down_gracefully_although_a_job_replaced_its_signal_handler(
    app: Application, rows: Rows, loop: str, replaced: str
) -> None:
    app.write_job(
        f"""
        async def perform(self, job):
            if job.what == "replace":
                {REPLACED[replaced]}
                # One check of the handlers later, which is a timer of the same loop.
                await asyncio.sleep({1.5 * RESTORE_HANDLERS_SECONDS})
                print("slept", flush=True)
            await asyncio.sleep(600)
        """
    )
    worker = app.run_jobs("--grace", "0.1", "--loop", loop)
    [job] = rows.insert("replace")
    worker.wait_for_line("slept")
    output = terminate(worker)
    assert "shutdown requested" in output
    assert_released(rows, job)


BROKEN = {
    "closes stdout": "sys.stdout.close()",
    "closes stderr": "sys.stderr.close()",
    "closes both": "sys.stdout.close(); sys.stderr.close()",
    "removes both": "sys.stdout = sys.stderr = None",
    "replaces stdout": "sys.stdout = object()",
    "closes the descriptors": "os.close(1); os.close(2)",
}


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("perform", ["def", "async def"])
def test_worker_whose_output_a_job_breaks_shuts_down_and_releases_the_job(
    app: Application, rows: Rows, perform: str, broken: str
) -> None:
    app.write_job(
        f"""
        {perform} perform(self, job):
            if job.what == "break":
                {BROKEN[broken]}
                open("broken", "w").close()
                time.sleep(600)
        """
        if perform == "def"
        else f"""
        {perform} perform(self, job):
            if job.what == "break":
                {BROKEN[broken]}
                open("broken", "w").close()
                await asyncio.sleep(600)
        """
    )
    worker = app.run_jobs("--grace", "0.1")
    [job] = rows.insert("break")
    wait_for((app.root / "broken").exists, "the output is broken")
    rows.wait_for_status(rows.insert(n=3), "succeeded")
    terminate(worker)
    wait_for(lambda: rows.get(job).status == "job_status_not_started", "the job is released")
    assert rows.get(job).attempts_count == 0


def test_worker_whose_output_is_not_read_exits(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        def perform(self, job):
            import fcntl
            reader, writer = os.pipe()
            os.dup2(writer, 1)
            os.set_blocking(writer, False)
            try:
                while True:
                    os.write(writer, b"x" * 4096)
            except BlockingIOError:
                os.set_blocking(writer, True)
            sys.stdout = open(1, "w", buffering=1 << 20, closefd=False)
            sys.stdout.write("never read")
            open("broken", "w").close()
            time.sleep(600)
        """
    )
    worker = app.run_jobs("--grace", "0.1")
    [job] = rows.insert()
    wait_for((app.root / "broken").exists, "the output is blocked")
    terminate(worker)
    wait_for(lambda: rows.get(job).status == "job_status_not_started", "the job is released")
