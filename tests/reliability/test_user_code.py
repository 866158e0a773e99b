"""Jobs with the usual code of Python programs: none is lost, counted as done, or alters another."""

from __future__ import annotations

import signal

import pytest

from tests.support.application import Application
from tests.support.rows import Rows

WHERE = {
    "on the loop": ("async ", "max_attempts = 1\n"),
    "in a thread": ("", "max_attempts = 1\n"),
    "in a process": ("", "max_attempts = 1\nmax_concurrency = 4\nisolation = 'process'\n"),
}


@pytest.mark.parametrize("where", WHERE)
def test_job_whose_work_was_not_done_never_succeeds(
    app: Application, rows: Rows, where: str
) -> None:
    prefix, options = WHERE[where]
    app.write_job(
        f"""
        async def work(self, job): print("ran after all", flush=True)

        def steps(self, job):
            print("ran after all", flush=True)
            yield

        async def async_steps(self, job):
            print("ran after all", flush=True)
            yield

        {prefix}def perform(self, job):
            import concurrent.futures
            match job.what:
                case "generator": return self.steps(job)
                case "async generator": return self.async_steps(job)
                case "coroutines": return [self.work(job), self.work(job)]
                case "coroutine by name": return {{"ada": self.work(job)}}
                case "map": return map(print, ["ran after all"])
                case "future": return concurrent.futures.Future()
                case "function": return self.work
                case "harmless": return [1, object(), range(3), {{"a": iter([])}}]
        """,
        options=options,
    )
    unfinished = ["generator", "async generator", "coroutines", "coroutine by name", "map"]
    jobs = {what: rows.insert(what)[0] for what in [*unfinished, "future", "function", "harmless"]}
    harmless = jobs.pop("harmless")
    worker = app.run_jobs()
    rows.wait_for_status(list(jobs.values()), "failed", attempts=1)
    rows.wait_for_status([harmless], "succeeded")
    for job in jobs.values():
        assert "so its work has not been done" in rows.get(job).last_error
    worker.send_signal(signal.SIGTERM)
    assert "ran after all" not in worker.wait_for_exit()


def test_job_that_returns_a_task_it_did_not_await_fails(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        async def perform(self, job):
            work = asyncio.sleep(0 if job.what == "done" else 3600)
            task = asyncio.create_task(work) if job.what != "coroutine" else work
            if job.what == "done":
                await task
            return task
        """,
        options="max_attempts = 1\n",
    )
    jobs = {what: rows.insert(what) for what in ("task", "coroutine", "done")}
    app.run_jobs()
    rows.wait_for_status(jobs["task"] + jobs["coroutine"], "failed")
    rows.wait_for_status(jobs["done"], "succeeded")


WRAPPERS = """
def blocking(function):
    import functools
    @functools.wraps(function)
    def wrapper(*arguments):
        return asyncio.run(function(*arguments))
    return wrapper

def handing_on(function):
    import functools
    @functools.wraps(function)
    def wrapper(*arguments):
        return function(*arguments)
    return wrapper
"""


@pytest.mark.parametrize("isolation", ["None", "'process'"])
@pytest.mark.parametrize("wrapper", ["blocking", "handing_on"])
def test_synchronous_wrapper_of_an_async_perform_runs_where_it_may_block(
    app: Application, rows: Rows, wrapper: str, isolation: str
) -> None:
    app.write_job(
        f"""
        @{wrapper}
        async def perform(self, job):
            await asyncio.sleep(0)
            print("ran", job.what, flush=True)
        """,
        options=f"{WRAPPERS}max_attempts = 1\nisolation = {isolation}\n",
    )
    worker = app.run_jobs()
    rows.wait_for_status(rows.insert(wrapper), "succeeded", attempts=1)
    worker.wait_for_line(f"ran {wrapper}")


def test_coroutine_from_a_synchronous_wrapper_ends_at_its_timeout(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        """
        @handing_on
        async def perform(self, job):
            await asyncio.sleep(3600)
        """,
        options=f"{WRAPPERS}max_attempts = 1\ntimeout = timedelta(seconds=0.2)\n",
    )
    app.run_jobs()
    rows.wait_for_status(rows.insert(), "timed_out", attempts=1)


REQUESTS = """
from jobgen_runtime import Cancel, Snooze

class Later(Snooze):
    def __init__(self): pass

class Gone(Cancel):
    def __init__(self): pass

class Broken(Snooze):
    def __init__(self): raise KeyError("in its __init__")

class Property(Snooze):
    def __init__(self): pass
    @property
    def delay(self): raise SystemExit("in a property")

class BadBackoff:
    def delay(self, attempts): raise SystemExit("in a backoff")

backoff = BadBackoff()
max_attempts = 2
max_concurrency = 1
"""


@pytest.mark.parametrize("where", WHERE)
def test_slot_is_free_again_after_any_snooze_cancel_or_backoff(
    app: Application, rows: Rows, where: str
) -> None:
    prefix, options = WHERE[where]
    app.write_job(
        f"""
        {prefix}def perform(self, job):
            match job.what:
                case "later": raise self.Later()
                case "gone": raise self.Gone()
                case "broken": raise self.Broken()
                case "property": raise self.Property()
                case "group": raise ExceptionGroup("group", [self.Gone(), self.Gone()])
                case "mixed": raise ExceptionGroup("group", [self.Gone(), ValueError("bad")])
        """,
        options=options + REQUESTS,
    )
    retried = {what: rows.insert(what) for what in ("later", "broken", "property", "mixed")}
    ended = {what: rows.insert(what) for what in ("gone", "group")}
    good = rows.insert("return")
    app.run_jobs()
    rows.wait_for_status(good, "succeeded")
    for jobs in retried.values():
        rows.wait_for_status(jobs, "retry", attempts=1)
    for what, jobs in ended.items():
        rows.wait_for_status(jobs, "failed", attempts=1)
        assert rows.get(jobs[0]).last_error == "Cancelled: Gone", what
    assert "Later is a Snooze whose delay" in rows.get(retried["later"][0]).last_error


@pytest.mark.parametrize("where", WHERE)
def test_job_sees_no_context_variable_of_another_job(
    app: Application, rows: Rows, where: str
) -> None:
    prefix, options = WHERE[where]
    app.write_job(
        f"""
        import contextvars
        tenant = contextvars.ContextVar("tenant", default="none")
        tenant.set("of the module")

        {prefix}def perform(self, job):
            assert self.tenant.get() == "of the module", self.tenant.get()
            self.tenant.set(job.what)
        """,
        # Jobs are only claimed ahead, and started by the end of another, if they may be retried.
        options=options + "max_concurrency = 2\nmax_attempts = 2\n",
    )
    jobs = rows.insert("tenant", n=40)
    app.run_jobs()
    rows.wait_for_status(jobs, "succeeded", attempts=1)


@pytest.mark.parametrize("where", WHERE)
def test_job_sees_no_decimal_context_of_another_job(
    app: Application, rows: Rows, where: str
) -> None:
    prefix, options = WHERE[where]
    app.write_job(
        f"""
        import decimal
        decimal.getcontext().prec = 20

        {prefix}def perform(self, job):
            from decimal import getcontext
            assert getcontext().prec == 20, getcontext().prec
            getcontext().prec = 3
        """,
        options=options + "max_concurrency = 2\nmax_attempts = 2\n",
    )
    jobs = rows.insert("decimal", n=20)
    app.run_jobs()
    rows.wait_for_status(jobs, "succeeded", attempts=1)


def test_log_line_of_a_failure_names_the_exception(app: Application, rows: Rows) -> None:
    app.write_job(
        """
        async def perform(self, job):
            match job.what:
                case "group":
                    async with asyncio.TaskGroup() as group:
                        group.create_task(self.fail())
                        group.create_task(asyncio.sleep(3600))
                case "detail": raise ValueError("duplicate key\\nDETAIL:  Key (a)=(1).")

        async def fail(self):
            raise KeyError("first")
        """,
        options="max_attempts = 1\n",
    )
    rows.insert("group")
    rows.insert("detail")
    output = app.start("run-jobs", "--drain").wait_for_exit(1)
    assert (
        "failed permanently after 1 attempt: ExceptionGroup: unhandled errors in a TaskGroup "
        "(1 sub-exception): KeyError: 'first'" in output
    )
    assert "failed permanently after 1 attempt: ValueError: duplicate key\n" in output
