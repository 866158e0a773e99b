"""Generated code passes ruff, mypy and pyright in strict mode, in both layouts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.generate.projects import apply, job, script
from tests.support.tree import PEP8_SHOP, SHOP, write_tree

BIN = Path(sys.executable).parent
SCRAPE = ("band:references", "price:numeric", "name:text")
COLUMNS = ("band:references", "pages:int=3", "note:text?", "tags:text[]", "at:timestamptz")


@pytest.fixture(scope="module", params=["guide", "pep8"])
def application(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An application with jobs and scripts of every kind that can be generated."""
    files = SHOP if request.param == "guide" else PEP8_SHOP
    root = write_tree(tmp_path_factory.mktemp("shop"), files)
    apply(root, job(root, "EmailCustomers"))
    apply(root, job(root, "SyncURLs", *COLUMNS))
    apply(root, job(root, "Scrape", *SCRAPE, unique=("band",)))
    apply(root, job(root, "CleanUp", app="Admin"))
    apply(root, job(root, "ReportFailure", "note:text?", on_failed=True))
    apply(root, job(root, "Synchronise" * 4 + "Everything"))
    for name in ("Nightly", "RunEmailCustomersJob", "RunScrapeJob", "RunCleanUpJob"):
        apply(root, script(root, name))
    return root


def check(root: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_generated_code_passes_ruff(application: Path) -> None:
    check(application, str(BIN / "ruff"), "check", "--isolated", "--extend-select", "I", ".")


@pytest.mark.xdist_group("mypy")
def test_generated_code_passes_mypy_strict(application: Path, mypy_cache: str) -> None:
    options = ["--strict", "--explicit-package-bases", "--cache-dir", mypy_cache]
    check(application, str(BIN / "mypy"), *options, ".")


def test_generated_code_passes_pyright_strict(application: Path) -> None:
    (application / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    check(application, str(BIN / "pyright"), "--pythonpath", sys.executable, ".")


def test_generated_main_module_imports_every_job(application: Path) -> None:
    main = "WorkerMain" if (application / "WorkerMain.py").exists() else "worker_main"
    names = ["CleanUp", "EmailCustomers", "ReportFailure", "Scrape", "SyncURLs"]
    names.append("Synchronise" * 4 + "Everything")
    code = f"import {main}; assert sorted(w.__name__ for w in {main}.workers) == {names!r}"
    check(application, sys.executable, "-B", "-c", code)
