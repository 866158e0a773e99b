"""The worker's lines appear, whatever the application does to Python's logging."""

from __future__ import annotations

import json

import pytest

from tests.support.application import Application
from tests.support.rows import Rows

ATTACKS = {
    "dictConfig": "logging.config.dictConfig({'version': 1})",
    "dictConfig with a root": """logging.config.dictConfig({
        "version": 1,
        "formatters": {"plain": {"format": "app: %(message)s"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
        "root": {"level": "ERROR", "handlers": ["console"]},
    })""",
    "fileConfig": """logging.config.fileConfig(io.StringIO(
        "[loggers]\\nkeys=root\\n[handlers]\\nkeys=\\n[formatters]\\nkeys=\\n"
        "[logger_root]\\nlevel=ERROR\\nhandlers=\\n"
    ))""",
    "disable": "logging.disable(logging.CRITICAL)",
    "no handlers": "logging.getLogger().handlers.clear()",
    "null handler": "logging.basicConfig(handlers=[logging.NullHandler()], force=True)",
    "level": "logging.getLogger().setLevel(logging.CRITICAL)",
    "shutdown": "logging.shutdown()",
    "filter of the handlers": "[h.addFilter(Bad()) for h in logging.getLogger().handlers]",
    "filter of the logger": "logging.getLogger('jobgen.worker').addFilter(Bad())\n"
    "logging.getLogger('jobgen.job').addFilter(Bad())",
    "handler that raises": "logging.getLogger().handlers[:] = [Raising()]",
    "record factory": "logging.setLogRecordFactory(lambda *_, **__: 1 / 0)",
    "propagation": "logging.getLogger('jobgen').propagate = False",
}
HEAD = """
import io, logging, logging.config

class Bad(logging.Filter):
    def filter(self, record): raise SystemExit("in a filter")

class Raising(logging.Handler):
    def emit(self, record): raise ValueError("in a handler")

"""


@pytest.mark.parametrize("attack", ATTACKS)
def test_worker_logs_on_after_the_application_configures_logging(
    app: Application, rows: Rows, attack: str
) -> None:
    module = app.root / "WorkerMain.py"
    app.write("attack.py", f"{HEAD}{ATTACKS[attack]}\n")
    app.write("WorkerMain.py", "import attack\n" + module.read_text())
    app.write_job("def perform(self, job): raise ValueError('no stock')")
    rows.insert()
    output = app.start("run-jobs", "--drain").wait_for_exit(1)
    assert "ready: Probe" in output
    assert "failed, retrying in 0 s: ValueError: no stock" in output
    assert "failed permanently after 10 attempts: ValueError: no stock" in output
    assert "shut down" in output


@pytest.mark.parametrize("attack", ["dictConfig", "disable", "filter of the handlers"])
def test_worker_logs_on_after_a_job_configures_logging(
    app: Application, rows: Rows, attack: str
) -> None:
    app.write("attack.py", f"{HEAD}def attack():\n    {ATTACKS[attack]}\n")
    app.write_job(
        """
        async def perform(self, job):
            from attack import attack
            attack()
            raise ValueError("no stock")
        """,
        options="max_attempts = 1\n",
    )
    rows.insert()
    output = app.start("run-jobs", "--drain").wait_for_exit(1)
    assert "failed permanently after 1 attempt: ValueError: no stock" in output
    assert "shut down" in output


def test_fatal_error_is_logged_although_the_application_disables_loggers(
    app: Application, rows: Rows
) -> None:
    rows.conn.execute("DROP TABLE probe_jobs")
    module = app.root / "WorkerMain.py"
    app.write("attack.py", HEAD + ATTACKS["dictConfig"])
    app.write("WorkerMain.py", "import attack\n" + module.read_text())
    output = app.start("run-jobs", "--log-format", "json").wait_for_exit(1)
    assert "no table probe_jobs" in json.loads(output.splitlines()[-1])["message"]


def test_application_configures_the_lines_of_the_worker_by_name(
    app: Application, rows: Rows
) -> None:
    app.write(
        "attack.py",
        HEAD
        + """
logging.config.dictConfig({
    "version": 1,
    "formatters": {"own": {"format": "own: %(message)s"}},
    "handlers": {"own": {"class": "logging.StreamHandler", "formatter": "own"}},
    "loggers": {"jobgen": {"level": "WARNING", "handlers": ["own"], "propagate": False}},
})
""",
    )
    module = app.root / "WorkerMain.py"
    app.write("WorkerMain.py", "import attack\n" + module.read_text())
    app.write_job(
        "def perform(self, job): raise ValueError('no stock')", options="max_attempts = 1\n"
    )
    rows.insert()
    lines = app.start("run-jobs", "--drain").wait_for_exit(1).splitlines()
    assert lines == ["own: failed permanently after 1 attempt: ValueError: no stock"]


@pytest.mark.parametrize("isolation", ["None", "'process'"])
def test_json_lines_stay_valid_whatever_a_job_logs(
    app: Application, rows: Rows, isolation: str
) -> None:
    app.write_job(
        """
        def perform(self, job):
            import logging

            class Broken:
                def __repr__(self): raise ValueError

            items = []
            items.append(items)
            for number, value in enumerate([{(1, 2): 3}, Broken(), items, float("nan"), b"x"]):
                logging.getLogger("shop").warning("number %d", number, extra={"value": value})
            logging.getLogger("shop").warning("%d", "text")
        """,
        options=f"isolation = {isolation}\n",
    )
    rows.insert()
    output = app.start("run-jobs", "--drain", "--log-format", "json").wait_for_exit()
    lines = [json.loads(line) for line in output.splitlines()]
    assert len([line for line in lines if line["logger"] == "shop"]) == 6
