"""An environment with the built wheels, for all tests of the group "wheels"."""

from __future__ import annotations

import sys
import venv
from pathlib import Path

import pytest

from tests.application.commands import PIP, run
from tests.application.copied import copy_requirements

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
