"""A file that this Python cannot parse is left to the user, and does not stop other edits."""

from __future__ import annotations

import sys

import pytest

from jobgen.registration import (
    CannotRegister,
    makes_dashboard,
    register_dashboard,
    register_worker,
    unregister_worker,
)

WORKERS = "workers = []\n"
NEW_SYNTAX = {
    "a type statement": ("type Pair = tuple[int, int]\n", (3, 12), 1),
    "a generic class": ("\nclass Box[T]: ...\n", (3, 12), 2),
    "a generic function": ("\n\ndef first[T](values: list[T]) -> T: ...\n", (3, 12), 3),
    "the same quotes in an f-string": ('D = {}\nx = f"{D["a"]}"\n', (3, 12), 2),
    "a backslash in an f-string": ("x = f\"{'\\n'.join([])}\"\n", (3, 12), 1),
    "a comment in an f-string": ('x = f"""{\n    1  # one\n}"""\n', (3, 12), 2),
    "a default of a type": ("class Box[T = int]: ...\n", (3, 13), 1),
    "exceptions without parentheses": ("try: ...\nexcept OSError, KeyError: ...\n", (3, 14), 2),
    "a t-string": ("x = t'{1}'\n", (3, 14), 1),
}


def newer(version: tuple[int, int]) -> None:
    if sys.version_info[:2] >= version:
        pytest.skip(f"this Python knows the syntax of {version[0]}.{version[1]}")


@pytest.mark.parametrize(("text", "version", "line"), NEW_SYNTAX.values(), ids=NEW_SYNTAX.keys())
def test_version_that_the_file_needs_is_named(
    text: str, version: tuple[int, int], line: int
) -> None:
    newer(version)
    with pytest.raises(CannotRegister) as refused:
        register_worker((text + WORKERS).encode(), "Web.Job.New", "New")
    name = f"Python {version[0]}.{version[1]}"
    assert refused.value.reason.startswith(f"it has syntax of {name}, and jobgen runs on Python")
    assert refused.value.advice == f"Install jobgen with {name} or newer."
    assert refused.value.line == line
    assert refused.value.paste == "from Web.Job.New import New\nworkers = [*workers, New]"


BROKEN = {
    "a broken statement": "x = = 1\n",
    "no syntax of any version": "class Box[T]: ...\nx = = 1\n",
    "a null byte": "x = 1\0\n",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_file_that_is_not_python_is_named_as_such(text: str) -> None:
    with pytest.raises(CannotRegister) as refused:
        register_worker((text + WORKERS).encode(), "Web.Job.New", "New")
    assert refused.value.reason.startswith("it is not valid Python")
    assert refused.value.advice == "Correct the file."


UNREADABLE = "class Box[T = int]: ...\nx = = 1\n"


@pytest.mark.parametrize(
    "pasted",
    [
        "from Web.Job.New import New\nworkers = [*workers, New]\n",
        "from Web.Job.New import New as N  # the new one\nworkers.append(N)\n",
        "from .Job.New import (\n    Other,\n    New,\n)\nworkers = [New]\n",
    ],
)
def test_job_added_to_an_unreadable_file_counts_as_registered(pasted: str) -> None:
    source = (UNREADABLE + pasted).encode()
    assert register_worker(source, "Web.Job.New", "New") is source
    with pytest.raises(CannotRegister):
        unregister_worker(source, "Web.Job.New", "New")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# from Web.Job.New import New\n# workers = [New]\n",
        "from Web.Job.New import New\n",
        "from Web.Job.New import Other\nworkers = [New]\n",
        "from Admin.Job.New import New\nworkers = [New]\n",
    ],
)
def test_job_missing_in_an_unreadable_file_is_not_registered(text: str) -> None:
    with pytest.raises(CannotRegister):
        register_worker((UNREADABLE + text).encode(), "Web.Job.New", "New")


def test_job_that_an_unreadable_file_does_not_name_needs_no_removal() -> None:
    source = (UNREADABLE + WORKERS + "# New\n").encode()
    assert unregister_worker(source, "Web.Job.New", "New") is source


def test_unreadable_file_without_a_dashboard_is_left_alone() -> None:
    assert not makes_dashboard((UNREADABLE + "# JobsDashboard\n").encode())
    assert makes_dashboard((UNREADABLE + "D = JobsDashboard(jobs=[])\n").encode())
    with pytest.raises(CannotRegister) as refused:
        register_dashboard((UNREADABLE + "JobsDashboard()\n").encode(), "Web.Job.New", "New")
    assert refused.value.paste == "from Web.Job.New import New\njobs=[New]"
