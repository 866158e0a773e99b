"""pytest finds the fixtures in a project, as its user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = {
    "pyproject.toml": '[tool.jobgen]\napplication = "Web"\n',
    "Application/Schema.sql": "",
    "Generated/Types.py": """
from typing import ClassVar
from jobgen_runtime import JobRecord, Table
from jobgen_runtime.job_table.columns import JOB_COLUMNS

class GreetJob(JobRecord):
    __table__: ClassVar = Table("greet_jobs", columns=(*JOB_COLUMNS,), key=("id",))

class OtherJob(JobRecord):
    __table__: ClassVar = Table("other_jobs", columns=(*JOB_COLUMNS,), key=("id",))
""",
    "Web/Job/Greet.py": """
from Generated.Types import GreetJob
from jobgen_runtime import Job

greeted = []

class Greet(Job[GreetJob]):
    async def perform(self, job: GreetJob) -> None:
        greeted.append(job.id)
""",
    "WorkerMain.py": "from Web.Job.Greet import Greet\n\nworkers = [Greet]\n",
    "tests/test_greet.py": """
import os
import pytest
from jobgen_runtime.testing import (
    TestingError, assert_enqueued_sync, clock, drain, drain_sync, make_sync,
)
from Generated.Types import GreetJob, OtherJob
from Web.Job.Greet import greeted

@pytest.mark.parametrize("number", range(2))
@pytest.mark.parametrize("fixture", ["jobgen_database", "jobgen_transaction"])
def test_job_runs(fixture, number, request):
    url = request.getfixturevalue(fixture)
    assert os.environ["DATABASE_URL"] == url
    job = make_sync(GreetJob)
    assert_enqueued_sync(GreetJob, count=1)
    assert drain_sync().succeeded == 1
    assert greeted[-1] == job.id

@pytest.mark.anyio
async def test_asynchronous_test(jobgen_database):
    job = await GreetJob._create(None, {})
    assert (await drain()).succeeded == 1
    assert greeted[-1] == job.id

@pytest.fixture
def anyio_backend():
    return "asyncio"

def test_kind_that_is_not_registered_is_reported(jobgen_transaction):
    make_sync(OtherJob)
    with pytest.raises(TestingError, match="1 job waits in other_jobs, but no job class"):
        drain_sync()
    with pytest.raises(TestingError, match="OtherJob is not a job class, nor the record of one"):
        drain_sync(kinds=[OtherJob])

""",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    from tests.support.schema import job_block

    for name, text in PROJECT.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    schema = job_block("Greet") + job_block("Other")
    (tmp_path / "Application/Schema.sql").write_text(schema)
    return tmp_path


def run_pytest(
    project: Path, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")
    }
    command = (Path(sys.executable).parent / "pytest", "-p", "no:cacheprovider", "-W", "error")
    return subprocess.run(
        [*command, *arguments],
        cwd=project,
        env={**inherited, "DATABASE_URL": "", "TEST_DATABASE_URL": "", **variables},
        check=False,
        capture_output=True,
        text=True,
    )


def test_fixtures_work_in_a_project_on_two_processes(project: Path, server_url: str) -> None:
    done = run_pytest(project, "-n", "2", DATABASE_URL=server_url)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout


def test_fixtures_start_a_server_without_a_database_url(project: Path) -> None:
    failing = project / "tests/test_failing.py"
    failing.write_text(
        "from Generated.Types import GreetJob\n"
        "from jobgen_runtime.testing import drain_sync, make_sync\n"
        "from Web.Job.Greet import Greet\n\n"
        "async def fail(self, job):\n    raise ValueError('the reason')\n\n"
        "def test_failing(jobgen_transaction, monkeypatch):\n"
        "    monkeypatch.setattr(Greet, 'perform', fail)\n"
        "    make_sync(GreetJob)\n"
        "    drain_sync()\n"
    )

    done = run_pytest(project, "tests/test_failing.py")

    assert done.returncode == 1, done.stdout + done.stderr
    assert "raise ValueError('the reason')" in done.stdout
    assert "a worker would retry it" in done.stdout
    # The test and the job, and nothing of what is between them.
    assert "jobgen_runtime/" not in done.stdout.partition("Captured log")[0]
    assert "asyncio/" not in done.stdout
