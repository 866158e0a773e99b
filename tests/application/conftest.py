"""An environment with the built wheels, for all tests of the group "wheels"."""

from __future__ import annotations

import shutil
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from jobgen_runtime import install_schema_sync

from tests.application.commands import PIP, run
from tests.application.copied import copy_requirements
from tests.application.programs import Programs, build_programs

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("wheels")
    for source in (ROOT, ROOT / "runtime"):
        build = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir")
        run(*build, folder, source, cwd=ROOT)
    return sorted(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def environment(wheels: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the commands of a new environment in which the wheels are installed."""
    folder = tmp_path_factory.mktemp("an empty environment") / "venv"
    venv.create(folder, with_pip=False)
    copy_requirements(wheels, folder)
    # Without an index, pip refuses wheels whose requirements are not all there.
    run(*PIP, folder / "bin/python", "install", "--quiet", "--no-index", *wheels, cwd=folder)
    return folder / "bin"


@pytest.fixture(scope="session")
def created(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An application with a job and its script, as the commands of the wheels have written it."""
    folder = tmp_path_factory.mktemp("created")
    run("jobgen", "new", "shop", cwd=folder, path=environment)
    run("jobgen", "job", "EmailCustomers", "note:text?", cwd=folder / "shop", path=environment)
    run("jobgen", "script", "RunEmailCustomersJob", cwd=folder / "shop", path=environment)
    return folder / "shop"


@pytest.fixture
def shop(created: Path, tmp_path: Path) -> Path:
    """A copy of the application."""
    return Path(shutil.copytree(created, tmp_path / "shop"))


@pytest.fixture(scope="session")
def programs(environment: Path, created: Path) -> Iterator[Programs]:
    """The programs of an application that no longer exists, in a folder that anybody can read."""
    with (
        tempfile.TemporaryDirectory(prefix="jobgen programs ") as name,
        tempfile.TemporaryDirectory(prefix="jobgen-pex-") as cache,
        pytest.MonkeyPatch.context() as patched,
    ):
        Path(name).chmod(0o755)
        patched.setenv("PEX_ROOT", cache)
        yield build_programs(environment, created, Path(name))


@pytest.fixture
def url(programs: Programs, database: str) -> str:
    """The address of a database with the application's tables."""
    with psycopg.connect(database, autocommit=True) as conn:
        install_schema_sync(conn)
        conn.execute(programs.schema.encode())
    return database
