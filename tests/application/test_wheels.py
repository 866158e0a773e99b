"""The built wheels in a new environment, outside of the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.support.environment import compile_what_is_imported

pytestmark = pytest.mark.xdist_group("wheels")

ROOT = Path(__file__).parents[2]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python")
"""This environment's pip: installing pip itself into new ones takes seconds."""

RENDER_PAGE = """
from pathlib import Path
from jobgen.ide.assets import assets
from jobgen.ide.page import Frame
from jobgen.ide.serve import ide_server
assert {asset.media_type.partition(";")[0] for asset in assets().values()} == {
    "text/css", "text/javascript"
}
assert "No such page" in Frame(Path.cwd(), ()).problem(404, "No such page", "", None).body.decode()
ide_server(Path.cwd(), "token")
"""
"""A program that needs every kind of file behind `jobgen ide`."""


def run(*command: str | Path, cwd: Path, path: Path | None = None) -> str:
    environment = {**os.environ, "PATH": f"{path}{os.pathsep}{os.environ['PATH']}"}
    for variable in ("DATABASE_URL", "PYTHONPATH", "VIRTUAL_ENV"):
        environment.pop(variable, None)
    compile_what_is_imported(environment)
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"$ {command}\n{done.stdout}"
    return done.stdout


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("wheels")
    for source in (ROOT, ROOT / "runtime"):
        build = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir")
        run(*build, folder, source, cwd=ROOT)
    return sorted(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def environment(wheels: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the commands of a new environment in which the wheels are installed."""
    folder = tmp_path_factory.mktemp("an empty environment") / "venv"
    venv.create(folder, with_pip=False)
    constraints = ("--constraint", ROOT / ".ci/constraints.txt")
    run(*PIP, folder / "bin/python", "install", "--quiet", *constraints, *wheels, cwd=folder)
    return folder / "bin"


def test_installed_wheels_create_an_application_and_run_its_job(
    environment: Path, tmp_path: Path
) -> None:
    run("jobgen", "new", "shop", cwd=tmp_path, path=environment)
    shop = tmp_path / "shop"
    run("jobgen", "job", "EmailCustomers", "note:text?", cwd=shop, path=environment)
    run("jobgen", "script", "RunEmailCustomersJob", cwd=shop, path=environment)
    run("jobgen", "types", "--check", cwd=shop, path=environment)
    run(environment / "python", "-c", RENDER_PAGE, cwd=shop)
    run("jobgen", "postgres", "start", cwd=shop, path=environment)
    try:
        run("jobgen", "migrate", cwd=shop, path=environment)
        run("Application/Script/RunEmailCustomersJob.py", cwd=shop, path=environment)
        run("run-jobs", "--drain", cwd=shop, path=environment)
        status = run("manage-jobs", "status", cwd=shop, path=environment)
        rows = run(
            *("jobgen", "postgres", "psql", "--", "--tuples-only", "--command"),
            "SELECT status, attempts_count FROM email_customers_jobs",
            cwd=shop,
            path=environment,
        )
    finally:
        run("jobgen", "postgres", "stop", cwd=shop, path=environment)

    database, row = rows.strip().splitlines()
    assert database == "Database: shop on the project's own server"
    assert row.split() == ["job_status_succeeded", "|", "1"]
    assert status.startswith("EmailCustomers: 0 waiting, 0 running")


def test_new_application_installs_jobgen_from_the_same_wheels(
    environment: Path, tmp_path: Path
) -> None:
    run("jobgen", "new", "shop", cwd=tmp_path, path=environment)
    shop = tmp_path / "shop"
    venv.create(shop / ".venv", with_pip=False)
    run(*PIP, shop / ".venv/bin/python", "install", "--quiet", "--editable", ".", cwd=shop)

    shown = run(shop / ".venv/bin/run-jobs", "--help", cwd=shop)

    assert "--drain" in shown
