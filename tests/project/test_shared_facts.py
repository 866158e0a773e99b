"""The generator and the runtime answer the same about a project, from one leaf package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from jobgen_runtime.contract.errors import ProjectError
from jobgen_runtime.database import database_url
from jobgen_runtime.project import application_of, read_config, require_root

from jobgen.errors import JobgenError
from jobgen.generate.inputs import database_urls
from jobgen.project import find_project
from tests.support.tree import write_tree


@pytest.mark.parametrize(
    ("options", "job"),
    [
        ("", "Web/Job/EmailCustomers.py"),
        ("", "BackOffice/Job/EmailCustomers.py"),
        ('paths.job = "Jobs/{Name}.py"', "Jobs/EmailCustomers.py"),
        ('application = "Admin"\npaths.job = "Jobs/{Name}.py"', "Jobs/EmailCustomers.py"),
        ('paths.job = "{app}/jobs/{name}.py"', "web/jobs/email_customers.py"),
        ('paths.job = "{app}/jobs/{name}.py"', "back_office/jobs/email_customers.py"),
        ('application = "APIs"\npaths.job = "{app}/{name}.py"', "apis/email_customers.py"),
        ('source = "src"', "src/Web/Job/EmailCustomers.py"),
        ('source = "src"\npaths.job = "src/jobs/{name}.py"', "src/jobs/email_customers.py"),
    ],
)
def test_generator_and_runtime_agree_on_the_application_of_a_job(
    tmp_path: Path, options: str, job: str
) -> None:
    files = {"pyproject.toml": f"[tool.jobgen]\n{options}\n", job: ""}
    project = find_project(write_tree(tmp_path, files))
    [found] = project.jobs()
    assert application_of(project.module(found.path), tmp_path) == found.app


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("application = 3", "application: it must be a non-empty text"),
        ('source = "../other"', "source: ../other must be below"),
        ("paths = 3", "paths: it must be a table"),
        ('paths.job = "{app}/{nmae}.py"', "unknown placeholder {nmae}"),
        ('paths.jobs = "x"', "paths.jobs: unknown path"),
        ('setup = "set up"', "setup: it must be the dotted name of a module, not 'set up'"),
    ],
)
def test_generator_and_runtime_refuse_an_invalid_option_alike(
    tmp_path: Path, options: str, message: str
) -> None:
    root = write_tree(tmp_path, {"pyproject.toml": f"[tool.jobgen]\n{options}\n"})
    with pytest.raises(JobgenError) as generators:
        find_project(root)
    with pytest.raises(ProjectError) as runtimes:
        read_config(require_root(root))
    assert message in generators.value.message
    assert generators.value.message == runtimes.value.message
    assert generators.value.hint == runtimes.value.hint


def test_sqlalchemys_driver_is_dropped_from_every_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        "pyproject.toml": "[tool.jobgen]\n",
        ".jobgen/database_url": "postgres+psycopg://shop@own/shop\n",
    }
    monkeypatch.chdir(write_tree(tmp_path, files))
    monkeypatch.setenv("DATABASE_URL", " postgresql+asyncpg://shop@server/shop ")
    assert database_urls(tmp_path) == (
        "postgresql://shop@server/shop",
        "postgres://shop@own/shop",
    )
    assert database_url() == "postgresql://shop@server/shop"
    monkeypatch.delenv("DATABASE_URL")
    assert database_url() == "postgres://shop@own/shop"


def test_shared_package_loads_the_standard_library_and_the_contract_alone() -> None:
    code = (
        "import sys; before = set(sys.modules); import jobgen_runtime.project;"
        "loaded = {name for name in set(sys.modules) - before"
        " if name.partition('.')[0] not in sys.stdlib_module_names};"
        "print(sorted({'.'.join(name.split('.')[:2]) for name in loaded}))"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.strip() == (
        "['jobgen_runtime', 'jobgen_runtime.contract', 'jobgen_runtime.project']"
    )
