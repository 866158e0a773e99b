"""A module that would hide another one, or be hidden, is refused with another name."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from jobgen.errors import UsageError
from jobgen.generate import init, new
from jobgen.plan.model import Plan
from tests.generate.projects import destroy_job, job, script
from tests.support.tree import PEP8_SHOP, SHOP, write_tree

HIDING = [
    *("Queue", "Types", "Email", "Html", "Json", "Logging", "Calendar", "Secrets", "Test"),
    *("Psycopg", "Starlette", "Click", "Jinja2", "JobgenRuntime", "Jobgen"),
]


def refusal(error: pytest.ExceptionInfo[UsageError]) -> str:
    """Return the name that a refusal suggests."""
    found = re.search(r"such as (?:--app )?(\S+)\.$", error.value.hint or "")
    assert found, error.value.hint
    return found[1]


@pytest.mark.parametrize("name", HIDING)
def test_application_whose_folder_would_hide_a_module_is_refused(tmp_path: Path, name: str) -> None:
    root = write_tree(tmp_path, PEP8_SHOP)
    with pytest.raises(UsageError, match=r"the folder .* would hide the (module|package)") as error:
        job(root, "CleanUp", app=name)
    assert refusal(error) == f"{name}App"
    assert job(root, "CleanUp", app=f"{name}App").issues == ()


@pytest.mark.parametrize("name", ["Queue", "Types", "Click"])
def test_application_whose_folder_has_another_spelling_is_accepted(
    tmp_path: Path, name: str
) -> None:
    plan = job(write_tree(tmp_path, SHOP), "CleanUp", app=name)
    assert plan.issues == ()


def test_names_are_checked_by_the_paths_of_the_project(tmp_path: Path) -> None:
    nested = PEP8_SHOP["pyproject.toml"].replace('"{app}/', '"backend/{app}/')
    root = write_tree(tmp_path, {**PEP8_SHOP, "pyproject.toml": nested})
    assert job(root, "CleanUp", app="Queue").issues == ()
    source = '[tool.jobgen]\nsource = "src"\npaths.main = "src/queue.py"\n'
    root = write_tree(tmp_path / "other", {"pyproject.toml": source})
    with pytest.raises(UsageError, match=r"The module src/queue\.py would hide") as error:
        job(root, "CleanUp")
    assert "[tool.jobgen.paths]" in str(error.value.hint)


@pytest.mark.parametrize("where", [".venv", "VIRTUAL_ENV"])
def test_packages_installed_for_the_project_are_not_hidden(
    tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_tree(tmp_path / "shop", PEP8_SHOP)
    environment = root / ".venv" if where == ".venv" else tmp_path / "environment"
    monkeypatch.setenv("VIRTUAL_ENV", str(environment))
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = {"acme/__init__.py": "", "single.py": "", "fast.cpython-311-x86_64.so": ""}
    write_tree(environment / f"lib/{python}/site-packages", packages)
    for name in ("Acme", "Single", "Fast"):
        with pytest.raises(UsageError, match=r"would hide the package .*, installed in"):
            job(root, "CleanUp", app=name)
    # The project's own package may be installed there, too.
    write_tree(root, {"acme/__init__.py": ""})
    assert job(root, "CleanUp", app="acme").issues == ()


def test_name_of_a_module_of_the_project_is_refused(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {**PEP8_SHOP, "admin.py": "mine = 1\n"})
    with pytest.raises(UsageError, match=r"admin and the module admin\.py would have the same"):
        job(root, "CleanUp", app="Admin")
    with pytest.raises(UsageError, match=r"would have the name of the module worker_main\.py"):
        job(root, "CleanUp", app="WorkerMain")


def test_init_suggests_a_name_that_it_accepts(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "shop", {"shop.py": "from flask import Flask\napp = Flask('')\n"})

    def plan(app: str | None) -> Plan:
        return init.make_plan(root, "pep8", app)

    for app in (None, "Types"):
        with pytest.raises(UsageError) as error:
            plan(app)
        assert plan(refusal(error)).issues == ()


@pytest.mark.parametrize("name", ["Queue", "email", "libcst"])
def test_new_suggests_a_name_that_it_accepts(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as error:
        new.make_plan(tmp_path, name, "pep8")
    assert new.make_plan(tmp_path, refusal(error), "pep8").issues == ()
    assert new.make_plan(tmp_path, name, "guide").issues == ()


def test_job_and_script_may_have_any_name_in_a_folder_of_their_own(tmp_path: Path) -> None:
    root = write_tree(tmp_path, PEP8_SHOP)
    assert job(root, "Queue").issues == ()
    assert script(root, "Queue").issues == ()


def test_job_and_script_on_the_python_path_hide_no_module(tmp_path: Path) -> None:
    patterns = '[tool.jobgen]\npaths.job = "{name}.py"\npaths.script = "{name}.py"\n'
    root = write_tree(tmp_path, {"pyproject.toml": patterns})
    with pytest.raises(UsageError, match=r"queue\.py would hide the module queue"):
        job(root, "Queue")
    with pytest.raises(UsageError, match=r"json\.py would hide the module json"):
        script(root, "Json")
    assert job(root, "CleanUp").issues == ()


def test_job_of_an_application_that_hides_a_module_can_be_destroyed(tmp_path: Path) -> None:
    files = {"queue/jobs/clean_up.py": "", "queue/worker.py": "workers = []\n"}
    root = write_tree(tmp_path, {**PEP8_SHOP, **files})
    assert destroy_job(root, "CleanUp", app="Queue").pending
