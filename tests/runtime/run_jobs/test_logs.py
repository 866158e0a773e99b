"""The log lines of `run-jobs`, as JSON and as text."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.application import Application
from tests.support.process import BIN
from tests.support.rows import Rows
from tests.support.waiting import TIMEOUT

LOGS = """
def perform(self, job):
    import logging
    logging.getLogger("shop").info("it says %r", 'a "quoted" line\\nand more', extra={"basket": 7})
    raise ValueError("no stock")
"""
OPTIONS = {"in a thread": "max_attempts = 1\n"}
OPTIONS["in a process"] = OPTIONS["in a thread"] + "isolation = 'process'\n"


def objects(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


@pytest.mark.parametrize("where", OPTIONS)
def test_json_log_lines_name_their_job(app: Application, rows: Rows, where: str) -> None:
    app.write_job(LOGS, options=OPTIONS[where])
    [job] = rows.insert()
    lines = objects(app.start("run-jobs", "--drain", "--log-format", "json").wait_for_exit(1))
    [line_of_job] = [line for line in lines if line["logger"] == "shop"]
    about = {"job": "Probe", "id": str(job), "attempt": 1}
    assert line_of_job.items() >= about.items()
    assert line_of_job["message"] == "it says 'a \"quoted\" line\\nand more'"
    assert line_of_job["level"] == "INFO"
    assert line_of_job["basket"] == 7
    age = datetime.now(UTC) - datetime.fromisoformat(line_of_job["time"])
    assert timedelta(0) < age < timedelta(minutes=1)
    assert line_of_job["time"].endswith("+00:00")
    [failed] = [line for line in lines if line["level"] == "ERROR"]
    assert failed.items() >= about.items()
    assert "ValueError: no stock" in failed["message"]


def test_json_log_lines_hold_the_traceback_of_logged_exceptions(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        """
        def perform(self, job):
            import logging
            try:
                raise ValueError("no stock")
            except ValueError:
                logging.exception("it failed")
        """,
        options="isolation = 'process'\n",
    )
    rows.insert()
    lines = objects(app.start("run-jobs", "--drain", "--log-format", "json").wait_for_exit())
    [failed] = [line for line in lines if line["message"] == "it failed"]
    assert failed["exception"].startswith("Traceback")
    assert failed["exception"].endswith("ValueError: no stock")


def test_fatal_errors_are_json_log_lines_that_name_their_process(
    app: Application, rows: Rows
) -> None:
    rows.conn.execute("DROP TABLE probe_jobs")
    options = ("--log-format", "json", "--processes", "2")
    lines = objects(app.start("run-jobs", *options).wait_for_exit(1))
    assert lines[-1]["level"] == "CRITICAL"
    assert "no table probe_jobs" in lines[-1]["message"]
    assert lines[-1]["process"] == 1
    app.write("WorkerMain.py", "from nowhere import workers\n")
    [line] = objects(app.start("run-jobs", "--log-format", "json").wait_for_exit(1))
    assert "No module named 'nowhere'" in line["message"]
    assert "WorkerMain.py" in line["exception"]


def output_on_a_terminal(app: Application) -> str:
    terminal, worker_end = pty.openpty()
    command = [str(BIN / "run-jobs"), "-C", str(app.root), "--drain"]
    subprocess.run(command, env=app.env, stderr=worker_end, timeout=TIMEOUT, check=False)
    output = os.read(terminal, 65536).decode()
    os.close(worker_end)
    os.close(terminal)
    return output


def test_log_lines_are_coloured_on_terminals_without_no_color(app: Application, rows: Rows) -> None:
    app.write_job("async def perform(self, job): raise ValueError", options="max_attempts = 1\n")
    red = "\033[31m"
    rows.insert()
    assert red not in app.start("run-jobs", "--drain").wait_for_exit(1)
    rows.insert()
    assert red not in output_on_a_terminal(app)
    del app.env["NO_COLOR"]
    rows.insert()
    assert red in output_on_a_terminal(app)


def test_verbose_log_has_each_success_and_no_debug_line_of_others(
    app: Application, rows: Rows
) -> None:
    app.write_job(
        """
        async def perform(self, job):
            import logging
            logging.getLogger("shop").debug("a detail")
            logging.getLogger("shop").info("a fact")
            if job.what == "transaction":
                async with job.transaction():
                    pass
        """
    )
    jobs = rows.insert() + rows.insert("transaction")
    # Not uvloop, which logs nothing: asyncio logs a debug line.
    lines = app.start("run-jobs", "--drain", "-v", "--loop", "asyncio").wait_for_exit().splitlines()
    for job in jobs:
        assert [line for line in lines if f"{job} attempt 1] succeeded" in line]
    assert len([line for line in lines if line.endswith("a fact")]) == 2
    assert not [line for line in lines if "a detail" in line or "selector" in line]
