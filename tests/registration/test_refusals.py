"""A file that cannot be edited is refused with the reason, the line, and the text to add."""

from __future__ import annotations

import pytest

from jobgen.registration import (
    CannotRegister,
    register_application,
    register_dashboard,
    register_worker,
    unregister_worker,
)

IMPORT = "from Web.Job.New import New\n"
NEW_LIST = "workers: list[type[Job[Any]]] = [New]"
TYPES = "from typing import Any\n\nfrom jobgen_runtime import Job\n\n"
WORKERS = {
    "a sum": ("MORE = []\nworkers = [A] + MORE\n", 2, "workers = [*workers, New]"),
    "a call": ("workers = list(JOBS)\n", 1, "workers = [*workers, New]"),
    "a comprehension": ("\nworkers = [job for job in JOBS]\n", 2, "workers = [*workers, New]"),
    "a tuple": ("workers = (A, B)\n", 1, "workers = [*workers, New]"),
    "two branches": (
        "if FLAG:\n    workers = [A]\nelse:\n    workers = [B]\n",
        4,
        "workers = [*workers, New]",
    ),
    "assigned twice": ("workers = []\nworkers = [A]\n", 2, "workers = [*workers, New]"),
    "unpacked": ("workers, other = [A], [B]\n", 1, "workers = [*workers, New]"),
    "no list": ("x = 1\n", None, NEW_LIST),
    "empty": ("", None, NEW_LIST),
    "in a class": (
        "class Web:\n    workers = [A]\n",
        None,
        NEW_LIST,
    ),
    "in a function": (
        "def f():\n    workers = [A]\n",
        None,
        NEW_LIST,
    ),
    "only declared": ("workers: list[int]\n", None, NEW_LIST),
    "an item is set": ("workers[0] = A\n", None, NEW_LIST),
    "a syntax error": ("x = 1\nworkers = [A\n", 2, "workers = [*workers, New]"),
    "a null byte": ("workers = []\0\n", None, "workers = [*workers, New]"),
    "imported": ("from Web.jobs import workers\n", None, "workers = [*workers, New]"),
}


@pytest.mark.parametrize(("source", "line", "paste"), WORKERS.values(), ids=WORKERS.keys())
def test_worker_without_a_plain_list_is_refused_with_the_text_to_add(
    source: str, line: int | None, paste: str
) -> None:
    with pytest.raises(CannotRegister) as refused:
        register_worker(source.encode(), "Web.Job.New", "New")
    whole = f"{TYPES}{IMPORT}\n{paste}" if paste == NEW_LIST else IMPORT + paste
    assert refused.value.paste == whole
    if "null" not in refused.value.reason:
        assert refused.value.line == line
    assert refused.value.reason


@pytest.mark.parametrize(
    "source",
    [source for source, _, _ in WORKERS.values()],
    ids=WORKERS.keys(),
)
def test_job_added_by_hand_at_the_end_counts_as_registered(source: str) -> None:
    with pytest.raises(CannotRegister) as refused:
        register_worker(source.encode(), "Web.Job.New", "New")
    pasted = f"{source}\n{refused.value.paste}\n".encode()
    assert register_worker(pasted, "Web.Job.New", "New") is pasted


DASHBOARDS = {
    "none": ("x = 1\n", None, "jobs=[New]"),
    "without jobs": (
        "D = JobsDashboard(auth=A)\n",
        1,
        "D = JobsDashboard(auth=A, jobs=[New])",
    ),
    "a sum": (
        "D = JobsDashboard(\n    auth=A,\n    jobs=[A] + B,\n)\n",
        3,
        "D = JobsDashboard(auth=A, jobs=[*[A] + B, New])",
    ),
    "a name": (
        "D = JobsDashboard(auth=A, jobs=JOBS)\n",
        1,
        "D = JobsDashboard(auth=A, jobs=[*JOBS, New])",
    ),
    "in a function": (
        "def make():\n    return JobsDashboard(auth=A, jobs=JOBS)\n",
        2,
        "jobs=[*JOBS, New]",
    ),
    "keywords": ("D = JobsDashboard(**OPTIONS)\n", 1, "jobs=[New]"),
    "two": ("D = JobsDashboard(jobs=[])\nE = JobsDashboard(jobs=[])\n", 2, "jobs=[New]"),
    "a class attribute": ("class D(JobsDashboard):\n    jobs = [A]\n", None, "jobs=[New]"),
}


@pytest.mark.parametrize(("source", "line", "paste"), DASHBOARDS.values(), ids=DASHBOARDS.keys())
def test_dashboard_without_a_plain_list_is_refused_with_the_text_to_add(
    source: str, line: int | None, paste: str
) -> None:
    with pytest.raises(CannotRegister) as refused:
        register_dashboard(source.encode(), "Web.Job.New", "New")
    assert (refused.value.line, refused.value.paste) == (line, IMPORT + paste)


@pytest.mark.parametrize(("source", "line", "paste"), DASHBOARDS.values(), ids=DASHBOARDS.keys())
def test_text_for_a_dashboard_counts_wherever_it_is_added(
    source: str, line: int | None, paste: str
) -> None:
    with pytest.raises(CannotRegister) as refused:
        register_dashboard(source.encode(), "Web.Job.New", "New")
    pasted = f"{source}\n{refused.value.paste}\n".encode()
    assert register_dashboard(pasted, "Web.Job.New", "New") is pasted
    if line and "=" in paste.partition("(")[0]:
        statement = source.strip()
        replaced = source.replace(statement, refused.value.paste).encode()
        assert register_dashboard(replaced, "Web.Job.New", "New") is replaced


def test_text_to_add_for_an_application_imports_its_workers_by_its_name() -> None:
    with pytest.raises(CannotRegister) as refused:
        register_application(b"workers = tuple()\n", "BackOffice.Worker", "BackOffice")
    assert refused.value.paste == (
        "from BackOffice.Worker import workers as back_office_workers\n"
        "workers = [*workers, *back_office_workers]"
    )


TAKEN_OUT_BY_HAND = {
    "used elsewhere": IMPORT + "workers = [New]\nprint(New.__name__)\n",
    "in a sum": IMPORT + "workers = [New] + MORE\n",
    "imported in a block": "try:\n    "
    + IMPORT
    + "except ImportError:\n    raise\nworkers = [New]\n",
    "next to other statements": "import a; from Web.Job.New import New\nworkers = [New]\n",
    "added by hand": IMPORT + "workers = []\nworkers += [New]\n",
}


@pytest.mark.parametrize("source", TAKEN_OUT_BY_HAND.values(), ids=TAKEN_OUT_BY_HAND.keys())
def test_job_that_is_used_elsewhere_is_not_removed(source: str) -> None:
    with pytest.raises(CannotRegister) as refused:
        unregister_worker(source.encode(), "Web.Job.New", "New")
    line = refused.value.line
    assert line is not None
    assert "New" in source.splitlines()[line - 1]


@pytest.mark.parametrize(
    "source",
    [
        b"\x0cworkers = []\n",
        b"x = 1\rworkers = [\rA,\r]\r",
        b"# -*- coding: utf-8 -*-\n# \xff\nworkers = []\n",
    ],
    ids=["form feed", "old line ends", "another encoding"],
)
def test_file_that_libcst_would_not_preserve_is_refused(source: bytes) -> None:
    with pytest.raises(CannotRegister) as refused:
        register_worker(source, "Web.Job.New", "New")
    assert refused.value.paste == IMPORT + "workers = [*workers, New]"
