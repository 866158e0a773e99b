"""The messages of the commands about a module that cannot be imported."""

from __future__ import annotations

import pytest

from tests.support.application import JOB_HEAD, Application

LINE = len(JOB_HEAD.splitlines()) + 1
"""The line of Web/Job/Probe.py that each case is about."""

CASES = {
    "syntax": ("    def perform(self job): pass", "SyntaxError: invalid syntax"),
    "import": ("import nothing_of_that_name", "ModuleNotFoundError: No module named 'nothing_of"),
    "stale types": (
        "from Generated.Types import NewJob",
        "ImportError: cannot import name 'NewJob",
    ),
    "error": ("raise ValueError('first\\nsecond')", "ValueError: first"),
    "library": ("import json; json.loads('{')", "JSONDecodeError: Expecting property name"),
    "exit": ("sys.exit(0)", "SystemExit: 0"),
    "newer types": ("from jobgen_runtime import Table; Table.UUID9", "jobgen-runtime "),
    "option": ("class Bad(Job[ProbeJob]): retries = 3", "Bad.retries is not an option of a job."),
}


@pytest.mark.parametrize("case", CASES)
def test_file_line_and_message_come_first(app: Application, case: str) -> None:
    code, message = CASES[case]
    app.write("Web/Job/Probe.py", JOB_HEAD + code + "\n")
    lines = app.start("run-jobs").wait_for_exit(1).splitlines()
    assert lines[0].startswith(f"run-jobs: Web/Job/Probe.py, line {LINE}: {message}")
    assert not [line for line in lines if "importlib" in line or "jobgen_runtime/" in line]
    assert case in {"option", "newer types"} or 'WorkerMain.py", line 1' in "".join(lines)
    if case == "stale types":
        assert lines[-1] == "Run `jobgen types` if the table is in Schema.sql."


def test_other_commands_report_it_alike(app: Application) -> None:
    app.write("WorkerMain.py", "def (\n")
    app.write("Script.py", "\nimport nothing_of_that_name\n")
    place = "WorkerMain.py, line 1: SyntaxError: invalid syntax"
    assert app.start("manage-jobs", "status").wait_for_exit(1).startswith(f"manage-jobs: {place}")
    [first, *_] = app.start("run-jobs", "--processes", "2").wait_for_exit(1).splitlines()[1:]
    assert first == f"run-jobs: {place}"
    output = app.start("run-script", "Script.py").wait_for_exit(1)
    assert output.startswith("run-script: Script.py, line 2: ModuleNotFoundError: ")
