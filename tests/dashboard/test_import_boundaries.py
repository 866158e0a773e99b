"""Workers and job modules never load the dashboard."""

from __future__ import annotations

import subprocess
import sys

import pytest

REPORT = """
import sys
loaded = sorted(
    name for name in sys.modules
    if name.split(".")[0] in {"starlette", "jinja2", "markupsafe"}
    or name.startswith("jobgen_runtime.dashboard")
)
sys.exit(f"loaded: {loaded}" if loaded else 0)
"""


HELP = """
from contextlib import suppress
from jobgen_runtime.cli.{command} import main
sys.argv = ["{command}", "--help"]
with suppress(SystemExit):
    main()
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    "code",
    [
        "import jobgen_runtime; jobgen_runtime.Job, jobgen_runtime.JobRecord",
        "import jobgen_runtime.queue, jobgen_runtime.control, jobgen_runtime.record",
        "from jobgen_runtime import *",
        HELP.format(command="run_jobs"),
        HELP.format(command="run_script"),
        HELP.format(command="manage_jobs"),
    ],
    ids=["runtime", "queue", "public names", "run-jobs", "run-script", "manage-jobs"],
)
def test_workers_and_job_modules_load_no_web_framework(code: str) -> None:
    done = run(f"import sys\n{code}\n{REPORT}")
    assert done.returncode == 0, done.stderr


def test_importing_the_dashboard_opens_no_connection() -> None:
    done = run(
        "import sys, threading\n"
        "from jobgen_runtime.dashboard import JobsDashboard, NoAuth\n"
        "JobsDashboard(auth=NoAuth())\n"
        "assert threading.active_count() == 1\n"
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("missing", ["starlette", "jinja2"])
def test_missing_extra_is_named(missing: str) -> None:
    done = run(f"import sys; sys.modules[{missing!r}] = None; import jobgen_runtime.dashboard")
    assert done.returncode != 0
    assert 'pip install "jobgen-runtime[dashboard]"' in done.stderr.splitlines()[-1]
