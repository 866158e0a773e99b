"""A job that the user registered, in whatever form, counts as registered."""

from __future__ import annotations

import ast

import pytest

from jobgen.registration import (
    CannotRegister,
    makes_dashboard,
    register_application,
    register_dashboard,
    register_worker,
    unregister_dashboard,
    unregister_worker,
)

NEW = "from Web.Job.New import New\n"
DASHBOARD = "from jobgen_runtime.dashboard import JobsDashboard\n"
PARTIAL = "from functools import partial\n"

WORKERS = {
    "another list": "JOBS = [Old, New]\nworkers = JOBS\n",
    "a sum": "MORE = [New]\nworkers = [Old] + MORE\n",
    "two steps": "A = (New,)\nB = [*A]\nworkers = list(B)\n",
    "appended": "workers = list(OLD)\nworkers.append(New)\n",
    "appended to another list": "JOBS = []\nJOBS.append(New)\nworkers = JOBS\n",
    "extended": "workers = tuple(OLD)\nworkers += (New,)\n",
    "an item": "workers = list(OLD)\nworkers[0:] = [New]\n",
    "a dictionary": "JOBS = {'new': New}\nworkers = list(JOBS.values())\n",
    "a function": (
        "def jobs():\n    found = [Old]\n    found.append(New)\n    return found\n"
        "workers = jobs()\n"
    ),
    "a generator": "def jobs():\n    yield New\nworkers = list(jobs())\n",
    "a loop": "workers = list(OLD)\nfor each in (New,):\n    workers.append(each)\n",
    "a comprehension": "JOBS = [New]\nworkers = [job for job in JOBS if job]\n",
    "a branch": "if FLAG:\n    workers = [Old]\nelse:\n    workers = [Old, New]\n",
}


@pytest.mark.parametrize("source", WORKERS.values(), ids=WORKERS.keys())
def test_worker_registered_by_any_name_is_recognised(source: str) -> None:
    ast.parse(source)
    registered = (NEW + source).encode()
    assert register_worker(registered, "Web.Job.New", "New") is registered
    without = (NEW + source).replace("New", "Other").encode()
    with pytest.raises(CannotRegister):
        register_worker(without, "Web.Job.New", "New")


IMPORTED = {
    "the list itself": "from Web.Worker import workers\n",
    "with a star": "from Web.Worker import *\n",
    "the module": "import Web.Worker\nworkers = Web.Worker.workers\n",
    "relative": "from .Web.Worker import workers as ours\nworkers = list(ours)\n",
}


@pytest.mark.parametrize("source", IMPORTED.values(), ids=IMPORTED.keys())
def test_list_of_an_application_is_recognised_however_it_is_imported(source: str) -> None:
    assert register_application(source.encode(), "Web.Worker", "Web") == source.encode()


DASHBOARDS = {
    "a name": "JOBS = [New]\nD = JobsDashboard(auth=A, jobs=JOBS)\n",
    "keywords": "OPTIONS = dict(auth=A, jobs=[New])\nD = JobsDashboard(**OPTIONS)\n",
    "keywords of a literal": "D = JobsDashboard(**{'auth': A, 'jobs': [New]})\n",
    "a keyword set later": "O = {}\nO['jobs'] = [New]\nD = JobsDashboard(**O)\n",
    "a partial": PARTIAL + "make = partial(JobsDashboard, jobs=(New,))\nD = make(auth=A)\n",
    "a subclass with the list": "class Mine(JobsDashboard):\n    shown = [New]\n",
    "a subclass that passes the list on": (
        "class Mine(JobsDashboard):\n"
        "    def __init__(self, auth, jobs=(New,)):\n"
        "        super().__init__(auth=auth, jobs=jobs)\n"
    ),
    "a positional list": (
        "class Mine(JobsDashboard):\n"
        "    def __init__(self, auth, jobs):\n"
        "        super().__init__(auth=auth, jobs=jobs)\n"
        "D = Mine(A, [New])\n"
    ),
    "another name": "Board = JobsDashboard\nJOBS = [New]\nD = Board(auth=A, jobs=JOBS)\n",
    "two dashboards": "D = JobsDashboard(auth=A, jobs=[])\nE = JobsDashboard(auth=A, jobs=[New])\n",
}


@pytest.mark.parametrize("source", DASHBOARDS.values(), ids=DASHBOARDS.keys())
def test_job_of_a_dashboard_is_recognised_in_any_form(source: str) -> None:
    ast.parse(source)
    registered = (DASHBOARD + NEW + source).encode()
    assert register_dashboard(registered, "Web.Job.New", "New") is registered
    without = (DASHBOARD + NEW + source).replace("New", "Other").encode()
    with pytest.raises(CannotRegister) as refused:
        register_dashboard(without, "Web.Job.New", "New")
    assert NEW.strip() in refused.value.paste
    assert "jobs=[" in refused.value.paste


def test_dashboard_with_the_list_of_the_workers_shows_every_job() -> None:
    source = DASHBOARD + "from Web.Worker import workers\nD = JobsDashboard(auth=A, jobs=workers)\n"
    after = register_dashboard(source.encode(), "Web.Job.New", "New", ["Web.Worker"])
    assert after == source.encode()
    with pytest.raises(CannotRegister):
        register_dashboard(source.encode(), "Web.Job.New", "New", ["Admin.Worker"])


EDITED = {
    "a partial": PARTIAL + "make = partial(JobsDashboard, auth=A, jobs=[])\nD = make()\n",
    "a call of a partial": PARTIAL + "make = partial(JobsDashboard, auth=A)\nD = make(jobs=[])\n",
    "another name": "Board = JobsDashboard\nD = Board(auth=A, jobs=[])\n",
    "a subclass": "class Mine(JobsDashboard):\n    pass\n\n\nD = Mine(auth=A, jobs=[])\n",
    "its constructor": (
        "class Mine(JobsDashboard):\n"
        "    def __init__(self):\n"
        "        super().__init__(auth=A, jobs=[])\n"
        "\n\nD = Mine()\n"
    ),
    "a conditional import": (
        "try:\n    from jobgen_runtime.dashboard import JobsDashboard as Board\n"
        "except ImportError:\n    Board = None\n"
        "D = Board(auth=A, jobs=[]) if Board else None\n"
    ),
}


@pytest.mark.parametrize("source", EDITED.values(), ids=EDITED.keys())
def test_list_of_a_dashboard_is_edited_under_any_name_of_its_class(source: str) -> None:
    before = source if "import JobsDashboard" in source else DASHBOARD + source
    after = register_dashboard(before.encode(), "Web.Job.New", "New").decode()
    assert after.replace("jobs=[New]", "jobs=[]").replace(NEW, "").split() == before.split()
    assert NEW in after
    assert unregister_dashboard(after.encode(), "Web.Job.New", "New").decode() == before


NO_DASHBOARD = {
    "a comment": "# the JobsDashboard is mounted in asgi.py\napp = None\n",
    "a bare import": DASHBOARD,
    "a conditional import": "if FLAG:\n    " + DASHBOARD,
    "an import for types": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    "
        + DASHBOARD
        + "def mount(board: 'JobsDashboard') -> None: ...\n"
    ),
    "an annotation": DASHBOARD + "def mount(board: JobsDashboard) -> JobsDashboard: ...\n",
    "a call inside a string": "CODE = 'JobsDashboard(auth=A, jobs=[])'\n",
    "an export": DASHBOARD + "__all__ = ['JobsDashboard']\n",
}


@pytest.mark.parametrize("source", NO_DASHBOARD.values(), ids=NO_DASHBOARD.keys())
def test_file_that_only_mentions_the_dashboard_makes_none(source: str) -> None:
    ast.parse(source)
    assert not makes_dashboard(source.encode())


@pytest.mark.parametrize("source", [*DASHBOARDS.values(), *EDITED.values()])
def test_file_with_a_dashboard_makes_one(source: str) -> None:
    assert makes_dashboard((DASHBOARD + source).encode())


def test_text_to_add_does_not_take_a_name_that_the_file_uses() -> None:
    source = b"class New: ...\nworkers = list(OLD)\n"
    with pytest.raises(CannotRegister) as refused:
        register_worker(source, "Web.Job.New", "New")
    assert refused.value.paste == (
        "from Web.Job.New import New as WebNew\nworkers = [*workers, WebNew]"
    )
    pasted = source + refused.value.paste.encode()
    assert register_worker(pasted, "Web.Job.New", "New") is pasted


def test_text_to_add_runs_as_it_is() -> None:
    with pytest.raises(CannotRegister) as refused:
        register_worker(b"", "collections", "OrderedDict")
    namespace: dict[str, object] = {}
    exec(refused.value.paste, namespace)  # noqa: S102 -- the test's own text
    assert len(namespace["workers"]) == 1  # type: ignore[arg-type] # a list


@pytest.mark.parametrize("source", [WORKERS["a sum"], WORKERS["a function"], WORKERS["appended"]])
def test_job_registered_by_hand_is_not_removed_with_its_import(source: str) -> None:
    with pytest.raises(CannotRegister, match="also used in line"):
        unregister_worker((NEW + source).encode(), "Web.Job.New", "New")
    by_module = ("import Web.Job.New\n" + source.replace("New", "Web.Job.New.New")).encode()
    with pytest.raises(CannotRegister, match="also used in line"):
        unregister_worker(by_module, "Web.Job.New", "New")
