"""`jobgen info`: everything about a project, in one read-only call."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from jobgen.info import ProjectInfo, read_info
from jobgen.info.address import address_without_secrets
from jobgen.info.json_format import info_fields
from jobgen.info.model import TableInfo
from jobgen.project import find_project
from tests.generate.projects import apply, job, script
from tests.support.process import BIN
from tests.support.tree import PEP8_SHOP, SHOP, read_tree, write_tree

DOCUMENT = Path(__file__).parents[2] / "docs/agents.md"
SECRETS = "postgresql://bob:s3cret@db.example:5433/shop?sslpassword=s3cret&options=-cx%3Ds3cret"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a job, whose table refers to another, and a script."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    root = write_tree(tmp_path / "my shop", SHOP)
    columns = ("band:references", "pages:int=1", "tags:text[]?", "day:date:index=today")
    apply(root, job(root, "Scrape", *columns))
    apply(root, script(root, "RunScrapeJob"))
    return root


def info(root: Path) -> ProjectInfo:
    return read_info(find_project(root))


def table(found: ProjectInfo, name: str) -> TableInfo:
    assert found.tables is not None
    return next(each for each in found.tables if each.name == name)


def test_info_has_the_project_its_jobs_tables_and_scripts(root: Path) -> None:
    before = read_tree(root)
    found = info(root)
    assert (found.name, found.layout, found.applications) == ("my shop", "guide", ("Web",))
    assert [each.name for each in found.scripts] == ["RunScrapeJob"]
    assert found.findings == ()

    (scrape,) = found.jobs
    assert (scrape.name, scrape.app, scrape.table) == ("Scrape", "Web", "scrape_jobs")
    assert (scrape.module, scrape.line, scrape.is_async) == ("Web.Job.Scrape", 6, True)
    assert (scrape.options, scrape.problem) == ({}, None)
    assert {str(path): is_in for path, is_in in scrape.registered.items()} == {
        "Web/Worker.py": True,
        "WorkerMain.py": True,
        "Web/FrontController.py": True,
    }
    band, pages, tags, day = scrape.columns
    assert (band.name, band.type, band.references, band.indexed) == (
        "band_id",
        "UUID",
        "bands",
        True,
    )
    assert (pages.type, pages.default, pages.nullable) == ("INT", "1", False)
    assert (tags.type, tags.default, tags.nullable, tags.has_default) == (
        "TEXT[]",
        None,
        True,
        False,
    )
    assert (day.default, day.indexed, day.unique) == ("CURRENT_DATE", True, False)

    bands = table(found, "bands")
    assert (bands.line, bands.record, bands.is_job_table) == (1, "Band", False)
    assert bands.columns[0].default == "uuidv7()"
    assert bands.columns[0].unique
    assert table(found, "scrape_jobs").is_job_table
    assert table(found, "scrape_jobs").columns[0].default == "uuidv7()"
    assert read_tree(root) == before


def test_info_reads_options_of_a_job_without_importing_it(root: Path) -> None:
    path = root / "Web/Job/Scrape.py"
    path.write_text(
        "raise SystemExit('imported')\n"
        "class Scrape(Job[ScrapeJob]):\n"
        "    max_attempts = 3\n"
        "    timeout: ClassVar[timedelta] = timedelta(\n        minutes=5)\n"
        "    _cache = {}\n"
        "    def perform(self, job): ...\n"
    )
    (scrape,) = info(root).jobs
    assert scrape.options == {"max_attempts": "3", "timeout": "timedelta(minutes=5)"}
    assert (scrape.line, scrape.is_async) == (2, False)

    path.write_text("class Scrape(:\n")
    (scrape,) = info(root).jobs
    assert scrape.problem is not None
    assert scrape.problem.startswith("The file is not valid Python, line 1:")

    path.write_text("")
    assert info(root).jobs[0].problem == "The file has no class Scrape."


def test_info_says_where_a_job_is_not_registered(root: Path) -> None:
    (root / "Web/Worker.py").write_text("workers = []\n")
    (root / "Web/FrontController.py").write_text("from jobgen_runtime.dashboard import *\n(")
    found = info(root)
    registered = {str(path): is_in for path, is_in in found.jobs[0].registered.items()}
    assert registered["Web/Worker.py"] is False
    assert registered["WorkerMain.py"] is True
    assert registered.get("Web/FrontController.py") is None
    assert "job-not-registered" in [finding.rule.value for finding in found.findings]


def test_schema_that_only_a_server_can_read_is_no_finding_and_starts_none(root: Path) -> None:
    schema = root / "Application/Schema.sql"
    text = schema.read_text()
    schema.write_text(text + "CREATE TABLE t (id INT) NEW SYNTAX;\n")
    found = info(root)
    assert (found.tables, found.jobs[0].table) == (None, None)
    assert found.findings == ()
    assert any("A server might read it: run `jobgen check`." in each for each in found.not_checked)

    schema.write_text(text + "DO $$ BEGIN CREATE TABLE t (id INT); END $$;\n")
    found = info(root)
    assert found.tables is not None
    assert any("A server was not asked" in each for each in found.not_checked)
    assert not (root / ".jobgen/postgres").exists()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (SECRETS, "postgresql://bob@db.example:5433/shop"),
        ("host=db.example password=s3cret dbname='my shop'", "postgresql://db.example/my%20shop"),
        ("postgresql:///shop?host=/tmp/x&port=5433", "postgresql:///shop?host=/tmp/x&port=5433"),
        ("postgresql://a,b:1/shop", "postgresql:///shop?host=a,b&port=,1"),
        ("postgresql://b%40b:s3cret@[::1]:1/shop", "postgresql://b%40b@/shop?host=::1&port=1"),
        ("postgresql://bob:s3cret@[", None),
    ],
)
def test_address_is_shown_without_secrets_and_leads_to_the_same_database(
    url: str, shown: str | None
) -> None:
    from psycopg.conninfo import conninfo_to_dict

    assert address_without_secrets(url) == shown
    if shown is not None:
        secret = {"password", "sslpassword", "options"}
        given = {key: value for key, value in conninfo_to_dict(url).items() if key not in secret}
        assert conninfo_to_dict(shown) == given


def test_command_prints_text_or_json_without_a_secret(root: Path) -> None:
    def run(*words: str) -> str:
        done = subprocess.run(
            [BIN / "jobgen", "info", *words],
            cwd=root / "Web",
            env={**os.environ, "DATABASE_URL": SECRETS},
            capture_output=True,
            text=True,
            check=True,
        )
        assert "s3cret" not in done.stdout + done.stderr
        return done.stdout

    text = run()
    for part in ("my shop\n", "Web/Job/Scrape.py; scrape_jobs; band_id UUID", "id UUID, name TEXT"):
        assert part in text
    found = json.loads(run("--json"))
    assert found["database"] == {
        "source": "DATABASE_URL",
        "address": "postgresql://bob@db.example:5433/shop",
    }
    assert found["versions"]["jobgen"] == found["versions"]["runtime"]


def test_project_in_the_other_layout(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "shop", PEP8_SHOP)
    apply(root, job(root, "Scrape"))
    found = info(root)
    assert (found.layout, found.project.application) == ("pep8", "shop")
    assert str(found.jobs[0].path) == "shop/jobs/scrape.py"


OPAQUE = {
    "paths",
    "options.records",
    "jobs[].options",
    "jobs[].registered",
    "findings",
    "generators",
}
"""Values whose own keys are names of the project, or documented in another place."""


def key_paths(value: object, prefix: str = "") -> set[str]:
    """The paths of all keys in a JSON value; those of a column without what has the column."""
    prefix = re.sub(r".*\.columns\[\]", "columns[]", prefix)
    match value:
        case dict() if prefix not in OPAQUE:
            paths = {f"{prefix}.{key}".lstrip("."): each for key, each in value.items()}
            return {path for key, each in paths.items() for path in (key, *key_paths(each, key))}
        case list() if prefix not in OPAQUE:
            return {path for each in value for path in key_paths(each, f"{prefix}[]")}
        case _:
            return set()


def test_document_has_every_key_of_the_json(root: Path) -> None:
    section = DOCUMENT.read_text().partition("## Everything in one call\n")[2].partition("\n## ")[0]
    documented = set(re.findall(r"^\| `([^`]+)`", section, re.MULTILINE))
    assert key_paths(info_fields(info(root))) == documented
