"""Generated code passes ruff with all rules, mypy and pyright in strict mode, and pytest's errors.

docs/editors.md has the same settings.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from jobgen.generate.table import find_generator
from jobgen.project import find_project
from tests.generate.projects import apply, column, job, script
from tests.support import forked

BIN = Path(sys.executable).parent
DOCUMENT = Path(__file__).parents[2] / "docs/editors.md"
LAYOUTS = ("guide", "pep8")
SCHEMA = """
CREATE TYPE channel AS ENUM ('mail', 'sms', 'class');

CREATE TABLE bands (
    id UUID DEFAULT uuidv7() PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    founded DATE,
    fee NUMERIC(10, 2) DEFAULT 0 NOT NULL,
    channel CHANNEL DEFAULT 'mail' NOT NULL,
    settings JSONB DEFAULT '{}' NOT NULL,
    tags TEXT[] DEFAULT '{}' NOT NULL,
    picture BYTEA,
    "from" TEXT,
    "camelCase" INTEGER,
    tour INTERVAL,
    opens TIME,
    location INET,
    network CIDR,
    at TIMESTAMPTZ DEFAULT NOW() NOT NULL
);

CREATE TABLE sales (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    band_id UUID REFERENCES bands(id)
);
"""
SCRAPE = ("band:references", "price:numeric", "name:text")
COLUMNS = (
    *("band:references", "sale:references?", "pages:int=3", "note:text?", "tags:text[]"),
    *("at:timestamptz", "channel:channel", "channels:channel[]", "data:jsonb", "flag:bool=true"),
    *("price:numeric:index", "code:text:unique"),
)
SHARED = pytest.mark.xdist_group("generated_code")
"""The mark of tests that run in one process, which generates the code once."""
EVERYTHING = "Synchronise" * 4 + "Everything"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """New applications in both layouts, with jobs and scripts of every kind."""
    made = tmp_path_factory.mktemp("generated")
    for layout in LAYOUTS:
        (made / layout).mkdir()
        environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
        new = [str(BIN / "jobgen"), "new", "shop", "--layout", layout, "--yes"]
        done = forked.run(new, made / layout, environment, timeout=120)
        assert done.returncode == 0, done.stderr
        root = made / layout / "shop"
        schema = "schema.sql" if layout == "pep8" else "Application/Schema.sql"
        with (root / schema).open("a") as file:
            file.write(SCHEMA)
        apply(root, job(root, "EmailCustomers"))
        apply(root, job(root, "SyncURLs", *COLUMNS, priority=True, trace=True))
        apply(root, job(root, "Scrape", *SCRAPE, unique=("band",), result=("found:jsonb?",)))
        apply(root, job(root, "CleanUp", app="Admin"))
        apply(root, job(root, "ReportFailure", "note:text?", on_failed=True))
        apply(root, job(root, EVERYTHING, no_test=True))
        apply(root, column(root, "email_customers_jobs", "subject:text?"))
        models = find_generator("models sqlalchemy")
        assert models is not None
        apply(root, models.make_plan(find_project(root), {}))
        for name in ("Nightly", "RunEmailCustomersJob", "RunScrapeJob", "RunSyncURLsJob"):
            apply(root, script(root, name))
    return made


def check(folder: Path, *command: str) -> None:
    # pytest without the plugins of this environment.
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def documented_exceptions() -> list[str]:
    """Return ruff's options for the rules that docs/editors.md says to leave out."""
    text = DOCUMENT.read_text()
    ignored = re.search(r"^ignore = (\[[^\]]*\])", text, re.MULTILINE)
    in_tests = re.search(r'^"tests/\*\*" = (\[[^\]]*\])', text, re.MULTILINE)
    assert ignored is not None
    assert in_tests is not None
    return [
        f"--ignore={','.join(json.loads(ignored[1]))}",
        *(f"--per-file-ignores=tests/**:{rule}" for rule in json.loads(in_tests[1])),
    ]


@pytest.mark.parametrize("layout", LAYOUTS)
@SHARED
def test_generated_code_passes_all_rules_of_ruff_but_the_documented_ones(
    folder: Path, layout: str
) -> None:
    root = folder / layout / "shop"
    assert list(root.glob("tests/**/test_*.py"))
    check(root, str(BIN / "ruff"), "check", "--select", "ALL", *documented_exceptions(), ".")
    check(root, str(BIN / "ruff"), "format", "--check", ".")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.xdist_group("mypy")
def test_generated_code_passes_mypy_strict(folder: Path, layout: str, mypy_cache: str) -> None:
    options = ["--strict", "--explicit-package-bases", "--cache-dir", mypy_cache]
    check(folder / layout / "shop", str(BIN / "mypy"), *options, ".")


@SHARED
def test_generated_code_passes_pyright_strict(folder: Path) -> None:
    roots = [{"root": f"{layout}/shop"} for layout in LAYOUTS]
    settings = {"typeCheckingMode": "strict", "executionEnvironments": roots}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    check(folder, str(BIN / "pyright"), "--pythonpath", sys.executable, ".")


@pytest.mark.parametrize("layout", LAYOUTS)
@SHARED
def test_generated_modules_are_imported_under_pytest_with_warnings_as_errors(
    folder: Path, layout: str
) -> None:
    main, web = "WorkerMain", "Web.FrontController"
    if layout == "pep8":
        main, web = "worker_main", "shop.web"
    names = ["CleanUp", "EmailCustomers", "ReportFailure", "Scrape", "SyncURLs", EVERYTHING]
    root = folder / layout / "shop"
    (root / "test_modules.py").write_text(
        f"import {main}\nimport {web}\n\n\ndef test_workers():\n"
        f"    assert {web}.app\n"
        f"    assert sorted(each.__name__ for each in {main}.workers) == {sorted(names)!r}\n"
    )
    options = ["-W", "error", "--strict-config", "--strict-markers", "-p", "no:cacheprovider"]
    check(root, sys.executable, "-B", "-m", "pytest", *options, "test_modules.py")
    (root / "test_modules.py").unlink()
