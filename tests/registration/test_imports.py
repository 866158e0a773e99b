"""A new import is placed by isort's rules and gets a free name."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from jobgen.registration import (
    CannotRegister,
    register_application,
    register_dashboard,
    register_worker,
    unregister_application,
    unregister_dashboard,
    unregister_worker,
)

WORKER = """\
from typing import Any

from jobgen_runtime import Job

workers: list[type[Job[Any]]] = []
"""
SORTED = {
    "a new group": WORKER,
    "after the docstring": f'"""The jobs."""\n\n{WORKER}',
    "after the future": f"from __future__ import annotations\n\n{WORKER}",
    "first in its group": WORKER.replace("Job\n\nw", "Job\n\nfrom Web.Job.Zebra import Zebra\n\nw"),
    "last in its group": WORKER.replace("Job\n\nw", "Job\n\nfrom Web.Job.alpha import Alpha\n\nw"),
    "between two": WORKER.replace(
        "Job\n\nw",
        "Job\n\nfrom Web.Job.Alpha import Alpha\nfrom Web.Job.Zebra import Zebra\n\nw",
    ),
    "numbers as numbers": WORKER.replace(
        "Job\n\nw", "Job\n\nfrom Web.Job.Job2 import Job2\nfrom Web.Job.Job10 import Job10\n\nw"
    ),
    "another package of the project": WORKER.replace(
        "Job\n\nw", "Job\n\nfrom Generated.Types import Band\n\nx = Band\nw"
    ),
    "before relative imports": WORKER.replace(
        "Job\n\nw", "Job\n\nfrom .helpers import helper\n\nhelper()\nw"
    ),
    "into the same import": WORKER.replace(
        "Job\n\nw", "Job\n\nfrom Web.Job.New import Helper, helper\n\nx = Helper, helper\nw"
    ),
    "a comment above": WORKER.replace(
        "Job\n\nw", "Job\n\n# jobs\nfrom Web.Job.Zebra import Zebra  # z\n\nw"
    ),
    "a comment between": WORKER.replace(
        "Job\n\nw",
        "Job\n\nfrom Web.Job.Alpha import Alpha\n\n# z\nfrom Web.Job.Zebra import Zebra\n\nw",
    ),
    "after a comment": WORKER.replace(
        "Job\n\nw",
        "Job\n\nfrom Web.Job.Alpha import Alpha\n\n# b\nfrom Web.Job.Beta import Beta\n\nw",
    ),
    "a class after the imports": (
        "from jobgen_runtime import Job\n\n\nclass A(Job[int]):\n    pass\n\n\nworkers = [A]\n"
    ),
    "only ours": "from Web.Job.Zebra import Zebra\n\nworkers = [Zebra]\n",
    "only relative ones": '"""Jobs."""\n\n# mine\nfrom .a import a\n\nworkers = [a]\n',
    "no import": "# The jobs.\n\nworkers = []\n",
    "no import, a class first": '"""Jobs."""\n\n\nclass A:\n    pass\n\n\nworkers = [A]\n',
}


def import_faults(folder: Path, content: bytes, line_length: int = 100) -> list[str]:
    """The violations of ruff's import rules in Web/Worker.py of a project."""
    modules = re.findall(r"^from ([A-Z][\w.]*)", content.decode(), re.MULTILINE)
    for path in ["Web/Worker.py", *(module.replace(".", "/") + ".py" for module in modules)]:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b"")
    (folder / "Web/Worker.py").write_bytes(content)
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "ruff",
            "check",
            "--select",
            "I",
            "--output-format",
            "json",
            "--isolated",
            f"--line-length={line_length}",
            "--no-cache",
            "Web/Worker.py",
        ],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    return [fault["message"] for fault in json.loads(run.stdout)]


@pytest.mark.parametrize("source", SORTED.values(), ids=SORTED.keys())
def test_sorted_imports_stay_sorted(tmp_path: Path, source: str) -> None:
    before = source.encode()
    assert import_faults(tmp_path, before) == []
    after = register_worker(before, "Web.Job.New", "New")
    assert import_faults(tmp_path, after) == [], after.decode()
    assert unregister_worker(after, "Web.Job.New", "New") == before


def test_import_that_is_too_long_for_a_line_is_wrapped(tmp_path: Path) -> None:
    name = "AVeryLongNameOfAJobThatDoesNotFitOnALineTwice"
    after = register_worker(WORKER.encode(), f"Web.Job.{name}", name)
    assert f"from Web.Job.{name} import (\n    {name},\n)\n" in after.decode()
    for line_length in (88, 100, 120):
        assert import_faults(tmp_path, after, line_length) == []
    assert unregister_worker(after, f"Web.Job.{name}", name) == WORKER.encode()


def test_workers_of_applications_are_imported_by_their_names(tmp_path: Path) -> None:
    source = WORKER.encode()
    web = register_application(source, "Web.Worker", "Web")
    both = register_application(web, "Admin.Worker", "Admin")
    assert (
        both.decode()
        == """\
from typing import Any

from jobgen_runtime import Job

from Admin.Worker import workers as admin_workers
from Web.Worker import workers as web_workers

workers: list[type[Job[Any]]] = [*web_workers, *admin_workers]
"""
    )
    assert import_faults(tmp_path, both) == []
    assert register_application(both, "Admin.Worker", "Admin") is both
    assert unregister_application(both, "Admin.Worker", "Admin") == web
    assert unregister_application(web, "Web.Worker", "Web") == source


def test_imported_job_is_listed_by_the_name_it_is_imported_as() -> None:
    source = b"from Web.Job.New import New as Fresh\n\nworkers = []\n"
    after = register_worker(source, "Web.Job.New", "New")
    assert after == b"from Web.Job.New import New as Fresh\n\nworkers = [Fresh]\n"
    assert register_worker(after, "Web.Job.New", "New") is after


@pytest.mark.parametrize(
    "source",
    [
        "from .Job.New import New\n\nworkers = [New]\n",
        "from . import Job\n\nworkers = [Job.New.New]\n",
        "import Web.Job.New\n\nworkers = [Web.Job.New.New]\n",
        "import Web.Job.New as job\n\nworkers = [A, *[job.New]]\n",
        "from Web.Job import New\n\nworkers = []\nworkers.append(New.New)\n",
        "from Web.Job.New import New\n\nworkers = [A]\nworkers += [New]\n",
    ],
)
def test_job_registered_in_another_spelling_is_not_registered_again(source: str) -> None:
    assert register_worker(source.encode(), "Web.Job.New", "New") == source.encode()


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("from Admin.Job.New import New\n\nworkers = [New]\n", "workers = [New, WebNew]"),
        ("class New:\n    pass\n\n\nworkers = []\n", "workers = [WebNew]"),
        ("New = WebNew = 1\nworkers = []\n", "workers = [WebNew2]"),
        ("def f(New):\n    return New\n\n\nworkers = []\n", "workers = [WebNew]"),
    ],
)
def test_job_whose_name_is_taken_is_imported_as_another_name(source: str, line: str) -> None:
    after = register_worker(source.encode(), "Web.Job.New", "New")
    alias = line.rpartition("[")[2].rpartition(" ")[2].strip("[]")
    assert f"from Web.Job.New import New as {alias}\n" in after.decode()
    assert f"\n{line}\n" in after.decode()
    assert register_worker(after, "Web.Job.New", "New") is after
    assert unregister_worker(after, "Web.Job.New", "New") == source.encode()


def test_import_of_a_whole_module_is_not_removed() -> None:
    source = b"import Web.Job.New\n\nworkers = [Web.Job.New.New]\n"
    with pytest.raises(CannotRegister) as refused:
        unregister_worker(source, "Web.Job.New", "New")
    assert refused.value.line == 1


def test_job_listed_without_its_import_is_imported() -> None:
    after = register_worker(b"workers = [New]\n", "Web.Job.New", "New")
    assert after == b"from Web.Job.New import New\n\nworkers = [New]\n"


def test_import_for_type_checkers_does_not_count() -> None:
    source = (
        "from typing import TYPE_CHECKING\n\n"
        "from jobgen_runtime import Job\n\n"
        "if TYPE_CHECKING:\n    from Web.Job.Other import Other\n\n"
        "workers = []\n"
    )
    after = register_worker(source.encode(), "Web.Job.New", "New").decode()
    assert "import Job\n\nfrom Web.Job.New import New\n\nif TYPE_CHECKING:" in after


def test_import_goes_to_the_imports_after_the_set_up() -> None:
    source = "import django\n\ndjango.setup()\n\nfrom shop.jobs.old import Old\n\nworkers = [Old]\n"
    after = register_worker(source.encode(), "shop.jobs.new", "New").decode()
    assert after == (
        "import django\n\ndjango.setup()\n\n"
        "from shop.jobs.new import New\nfrom shop.jobs.old import Old\n\nworkers = [Old, New]\n"
    )


def test_import_of_an_application_follows_the_module_that_sets_django_up() -> None:
    setup = "import DjangoSetup  # noqa: F401 -- before the jobs are imported\n"
    source = (
        f"from jobgen_runtime import Job\n\n{setup}"
        "from Web.Worker import workers as web_workers\n\nworkers = [*web_workers]\n"
    )
    after = register_application(source.encode(), "Admin.Worker", "Admin").decode()
    assert after == source.replace(
        "from Web", "from Admin.Worker import workers as admin_workers\nfrom Web"
    ).replace("[*web_workers]", "[*web_workers, *admin_workers]")


DASHBOARD = """\
from jobgen_runtime.dashboard import BasicAuth, JobsDashboard
from starlette.applications import Starlette

MyJobDashboard = JobsDashboard(
    auth=BasicAuth("JOBS_USER", "JOBS_PASSWORD"),
    jobs=[],
)

app = Starlette()
"""


def test_job_is_added_to_the_dashboard() -> None:
    source = DASHBOARD.encode()
    one = register_dashboard(source, "Web.Job.New", "New")
    assert one.decode() == DASHBOARD.replace("jobs=[]", "jobs=[New]").replace(
        "Starlette\n\n", "Starlette\n\nfrom Web.Job.New import New\n\n"
    )
    long = "AnotherJobOfThisApplicationWithAVeryLongNameThatFillsTheLineUpToItsVeryEndAndThenBeyond"
    two = register_dashboard(one, "Web.Job.Long", long)
    assert f"    jobs=[\n        New,\n        {long},\n    ],\n)" in two.decode()
    assert unregister_dashboard(two, "Web.Job.Long", long) == one
    assert unregister_dashboard(one, "Web.Job.New", "New") == source


@pytest.mark.parametrize(
    "source",
    [
        "from jobgen_runtime.dashboard import JobsDashboard as JD\n\nD = JD(auth=1, jobs=[A])\n",
        "import jobgen_runtime.dashboard as d\n\nD = d . JobsDashboard(auth=1, jobs=[A])\n",
        "import x\n\n\ndef make():\n    return mount(x.JobsDashboard(auth=1, jobs=[A]))\n",
        "import x\n\n\nclass S:\n    D = x.JobsDashboard(\n        jobs=[A],\n    )\n",
    ],
)
def test_call_of_jobsdashboard_is_found_in_any_place(source: str) -> None:
    after = register_dashboard(source.encode(), "Web.Job.New", "New")
    assert b"jobs=[A, New]" in after
    assert register_dashboard(after, "Web.Job.New", "New") is after
    assert unregister_dashboard(after, "Web.Job.New", "New") == source.encode()


def test_registered_job_is_recognised_without_libcst() -> None:
    program = (
        "import sys; from jobgen.registration import register_worker as r;"
        "r(b'from Web.Job.New import New\\nworkers = [New]\\n', 'Web.Job.New', 'New');"
        "assert 'libcst' not in sys.modules;"
        "r(b'workers = []\\n', 'Web.Job.New', 'New');"
        "assert 'libcst' in sys.modules;"
        "assert not {'libcst.matchers', 'libcst.codemod'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_warnings_about_the_users_code_are_not_shown(recwarn: pytest.WarningsRecorder) -> None:
    register_worker(b'pattern = "\\d"\nworkers = []\n', "Web.Job.New", "New")
    assert not recwarn.list
