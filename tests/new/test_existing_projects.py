"""`jobgen init` writes missing files, and changes no existing file but pyproject.toml."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from jobgen.generate import init, new
from tests.new.projects import Run, tree

FASTAPI = {
    "pyproject.toml": '[project]\nname = "api"\ndependencies = ["fastapi>=0.115", "uvicorn"]',
    "app/__init__.py": "",
    "app/main.py": "from fastapi import FastAPI\n\napi: FastAPI = FastAPI()\n",
    "Makefile": "test:\n\tpytest\n",
}
FLASK = {
    "pyproject.toml": '# mine\r\n[project]\r\nname = "my-shop"\r\ndependencies = ["Flask"]\r\n',
    "src/my_shop/__init__.py": "def create():\n    import flask\n\n    web = flask.Flask('x')\n",
    "src/my_shop/web.py": "# mine\n",
}
DJANGO = {
    "manage.py": "#!/usr/bin/env python\n",
    "requirements.txt": "Django==5.2\n",
    "mysite/__init__.py": "",
    "mysite/settings.py": "",
    "mysite/asgi.py": "application = get_asgi_application()\n",
}
ALEMBIC = {"alembic.ini": "", "migrations/env.py": "from alembic import context\n"}
NONE = {"notes.txt": "hello\n"}
PROJECTS = {"FastAPI": FASTAPI, "Flask": FLASK, "Django": DJANGO, "none": NONE}


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return folder


@pytest.fixture(params=PROJECTS)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An existing project without jobs."""
    folder = tmp_path / "my-project"
    folder.mkdir()
    return write(folder, PROJECTS[request.param])


def test_undo_of_a_job_and_of_init_restores_the_project(
    project: Path, run: Run, layout: str
) -> None:
    before = tree(project)
    run(project, "jobgen", "init", "--layout", layout)
    after = tree(project)
    for path, content in before.items():
        assert after[path].startswith(content)
        assert after[path] == content or path == "pyproject.toml"

    again = run(project, "jobgen", "init", "--layout", layout)
    assert "Nothing to do" in again.stdout
    run(project, "jobgen", "job", "EmailCustomers")
    run(project, "jobgen", "types", "--check")
    run(project, "jobgen", "init")

    run(project, "jobgen", "undo")
    run(project, "jobgen", "undo")
    assert tree(project) == before


REMAINING_STEPS = {
    "FastAPI": (
        FASTAPI,
        "guide",
        {"app/main.py", "from Web.FrontController import", 'api.mount("/jobs", MyJobDashboard)'},
    ),
    "SQLAlchemy": (
        {"requirements.txt": "SQLAlchemy>=2\n", "app/__init__.py": ""},
        "guide",
        {
            *("schema_source", "For lower-case paths in your package app instead"),
            *("--layout pep8", "EmailCustomersJob.create_sync(session, …)"),
        },
    ),
    "FastAPI, pep8": (FASTAPI, "pep8", {"from app.web import", "Makefile was not changed"}),
    "FastAPI, factory": (
        {"app/main.py": "from fastapi import FastAPI\ndef make(x=1):\n    api = FastAPI()\n"},
        "guide",
        {'web = "app.main:make()"'},
    ),
    "Flask": (
        FLASK,
        "guide",
        {
            "src/my_shop/__init__.py",
            "jobgen-runtime[binary,dashboard,wsgi]",
            "web.wsgi_app = ",
            "change `auth` in src/Web/FrontController.py as in docs/flask.md",
            'web = "command flask --app my_shop:create run --port {port}"',
        },
    ),
    "SQLModel with SQLite": (
        {"requirements.txt": "sqlmodel\n", "main.py": "url = 'sqlite:///database.db'\n"},
        "guide",
        {"names a database of SQLite, and jobs are in PostgreSQL"},
    ),
    "Flask-SQLAlchemy": (
        {"requirements.txt": "Flask-SQLAlchemy\n"},
        "guide",
        {"schema_source", "EmailCustomersJob.create_sync(db.session, …)"},
    ),
    "Flask, pep8": (
        FLASK,
        "pep8",
        {"src/my_shop/web.py was not changed", "JobsDashboard(", "to create in src/my_shop"},
    ),
    "Django": (
        DJANGO,
        "guide",
        {
            "end of Django's settings",
            "end of the file of ROOT_URLCONF",
            'urlpatterns = [path("jobs/", dashboard_urls(MyJobDashboard)), *urlpatterns]',
            "python manage.py run_jobs",
            "schema_source",
        },
    ),
    "Django with SQLite, pep8": (
        {
            **DJANGO,
            "mysite/settings.py": "ENGINE = 'django.db.backends.sqlite3'\n",
            "polls/__init__.py": "",
            "polls/apps.py": "",
        },
        "pep8",
        {
            "next to Django's settings",
            "`jobgen init --layout pep8 --app polls`",
            "use SQLite, and jobs are in PostgreSQL",
            "add this to [tool.jobgen] (above [tool.jobgen.paths]) in pyproject.toml",
            'set schema_source = "database" in [tool.jobgen] (above [tool.jobgen.paths])',
            "writes migrations, which `python manage.py migrate` applies.",
        },
    ),
    "Alembic": (
        ALEMBIC,
        "guide",
        {
            "from jobgen_runtime.alembic import include_object",
            "which `alembic upgrade head` applies",
        },
    ),
    "Alembic and a Makefile": (
        {**ALEMBIC, "Makefile": ""},
        "guide",
        {"update the database with `alembic upgrade head`"},
    ),
    "none": (NONE, "guide", {"uvicorn Web.FrontController:app"}),
    "none, src": ({"src/a.py": ""}, "guide", {"uvicorn --app-dir src Web.FrontController:app"}),
}


@pytest.mark.parametrize(
    ("files", "layout", "expected"), REMAINING_STEPS.values(), ids=REMAINING_STEPS.keys()
)
def test_init_prints_the_remaining_steps(
    tmp_path: Path, run: Run, files: dict[str, str], layout: str, expected: set[str]
) -> None:
    write(tmp_path, files)
    output = run(tmp_path, "jobgen", "init", "--layout", layout).stdout
    assert "dependencies: jobgen-runtime[binary,dashboard" in output
    for text in expected:
        assert text in output


@pytest.mark.parametrize(
    ("files", "command"),
    [(DJANGO, "python manage.py migrate"), (ALEMBIC, "alembic upgrade head"), (NONE, None)],
)
def test_makefile_and_notes_for_agents_name_the_command_of_the_migrations(
    tmp_path: Path, run: Run, files: dict[str, str], command: str | None
) -> None:
    write(tmp_path, files)
    run(tmp_path, "jobgen", "init")
    recipe = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "migrate", f"VENV={sys.prefix}"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    own = [line for line in recipe if not line.endswith('jobgen" migrate')]
    assert len(recipe) == len(own) + 1
    assert [line.partition("; ")[2] for line in own] == ([command] if command else [])
    notes = (tmp_path / "AGENTS.md").read_text()
    assert (f"| `{command}` | apply the migrations" in notes) == (command is not None)
    assert "| `jobgen migrate --dry-run`" in notes
    schema = (tmp_path / "Application/Schema.sql").read_text()
    assert f"-- `{command or 'jobgen migrate'}`" in schema


@pytest.mark.parametrize("name", ["AGENTS.md", "agents.md"])
def test_init_keeps_the_notes_for_agents(tmp_path: Path, run: Run, name: str) -> None:
    write(tmp_path, {name: "# Mine\n"})
    done = run(tmp_path, "jobgen", "init")
    assert "AGENTS.md was not changed" in done.stdout
    found = [path for path in tree(tmp_path) if path.casefold() == "agents.md"]
    assert found == [name]
    assert (tmp_path / name).read_text() == "# Mine\n"


def test_init_of_a_src_layout_writes_modules_below_src(
    tmp_path: Path, run: Run, layout: str
) -> None:
    write(tmp_path, FLASK)
    run(tmp_path, "jobgen", "init", "--layout", layout)
    run(tmp_path, "jobgen", "job", "EmailCustomers")
    main = "WorkerMain" if layout == "guide" else "worker_main"
    program = f"import {main}; print({main}.workers)"
    shown = run(tmp_path / "src", sys.executable, "-c", program)
    assert "EmailCustomers" in shown.stdout
    config = tomllib.loads((tmp_path / "pyproject.toml").read_bytes().decode())
    assert config["tool"]["jobgen"]["source"] == "src"
    assert b"\n" not in (tmp_path / "pyproject.toml").read_bytes().replace(b"\r\n", b"")


def test_init_with_app_names_the_application(tmp_path: Path, run: Run) -> None:
    run(tmp_path, "jobgen", "init", "--app", "Backend")
    assert (tmp_path / "Backend/Worker.py").exists()
    run(tmp_path, "jobgen", "init", "--app", "json", code=2)
    done = run(tmp_path, "jobgen", "init", "--app", "Other", code=2)
    assert "another layout or application" in done.stderr
    assert "Run `jobgen undo`" in done.stderr
    run(tmp_path, "jobgen", "script", "Nightly")
    assert "jobgen undo" not in run(tmp_path, "jobgen", "init", "--app", "Other", code=2).stderr
    run(tmp_path, "jobgen", "undo")
    run(tmp_path, "jobgen", "undo")
    run(tmp_path, "jobgen", "init", "--app", "Other")


def test_folder_that_differs_only_in_case_is_refused(tmp_path: Path, run: Run) -> None:
    write(tmp_path, {"web/__init__.py": ""})
    before = tree(tmp_path)
    done = run(tmp_path, "jobgen", "init", code=1)
    assert "ignores case" in done.stderr
    assert "--app" in done.stderr
    assert tree(tmp_path) == before


CONFIGS = {
    "no line end": ("[project]\nname = 'a'", 0),
    "a BOM": ("\ufeff[project]\nname = 'a'\n", 0),
    "another tool": ("[tool.ruff]\nline-length = 88\n", 0),
    "only a comment": ("# jobgen comes here\n", 0),
    "empty": ("", 0),
    "an array at the end": ("[[tool.x]]\na = 1\n", 0),
    "an inline table": ("tool = { ruff = {} }\n", 1),
    "not TOML": ("[project\n", 1),
}


@pytest.mark.parametrize(("text", "code"), CONFIGS.values(), ids=CONFIGS.keys())
def test_table_is_appended_to_pyproject_or_shown_if_it_cannot_be(
    tmp_path: Path, run: Run, text: str, code: int
) -> None:
    config = tmp_path / "pyproject.toml"
    config.write_bytes(text.encode())
    done = run(tmp_path, "jobgen", "init", code=code)
    assert "Traceback" not in done.stderr
    if code:
        assert tree(tmp_path) == {"pyproject.toml": text.encode()}
        assert "pyproject.toml" in done.stderr
        return
    after = config.read_bytes()
    assert after.startswith(text.encode())
    assert tomllib.loads(after.decode("utf-8-sig"))["tool"]["jobgen"] == {"application": "Web"}
    run(tmp_path, "jobgen", "types", "--check")


def test_init_writes_records_of_existing_tables(tmp_path: Path, run: Run) -> None:
    sql = "CREATE TABLE customers (id int PRIMARY KEY);\n"
    write(tmp_path, {"Application/Schema.sql": sql})
    run(tmp_path, "jobgen", "init")
    assert (tmp_path / "Application/Schema.sql").read_text() == sql
    assert "class Customer(Record)" in (tmp_path / "Generated/Types.py").read_text()


def test_init_with_an_invalid_schema_changes_nothing(tmp_path: Path, run: Run) -> None:
    write(tmp_path, {"Application/Schema.sql": "CREATE TABEL x;\n"})
    before = tree(tmp_path)
    done = run(tmp_path, "jobgen", "init", code=1)
    assert "Application/Schema.sql" in done.stderr
    assert tree(tmp_path) == before


def test_init_below_another_project_needs_its_own_pyproject(tmp_path: Path, run: Run) -> None:
    run(tmp_path, "jobgen", "init")
    inner = tmp_path / "Web"
    done = run(inner, "jobgen", "init", code=1)
    assert str(tmp_path) in done.stderr
    (tmp_path / "packages").mkdir()
    write(tmp_path / "packages", {"pyproject.toml": "[project]\nname = 'inner'\n"})
    run(tmp_path / "packages", "jobgen", "init")


def test_dry_run_of_init_writes_nothing(project: Path, run: Run) -> None:
    before = tree(project)
    shown = run(project, "jobgen", "init", "--dry-run", "--diff").stdout
    assert "[tool.jobgen]" in shown
    assert tree(project) == before
    assert not (project / ".jobgen").exists()


def test_makefile_finds_the_programs_of_the_project_or_those_on_the_path(
    tmp_path: Path, run: Run
) -> None:
    project, other = tmp_path / "my project", tmp_path / "other"
    project.mkdir()
    run(project, "jobgen", "init")

    def make(*arguments: str, code: int = 0, **env: str) -> str:
        env = {"PATH": "/usr/bin:/bin", "VIRTUAL_ENV": "", **env}
        done = run(project, "make", "--silent", *arguments, code=code, env=env)
        return f"{done.stdout}{done.stderr}"

    def install(folder: Path, *programs: str) -> str:
        for program in programs:
            file = folder / "bin" / program
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f'#!/bin/sh\necho "{program} of {folder.name}" "$@"\n')
            file.chmod(0o755)
        return str(folder)

    assert "make dev  " in make()
    missing = make("migrate", code=2)
    assert "jobgen is neither in .venv nor on PATH: add jobgen to the project's dev" in missing
    assert "run-jobs is neither in .venv nor on PATH" in make("worker", code=2)

    everywhere = install(tmp_path / "everywhere", "jobgen", "run-jobs")
    path = f"{everywhere}/bin:/usr/bin:/bin"
    assert make("migrate", PATH=path) == "jobgen of everywhere migrate\n"
    activated = install(other, "run-jobs")
    assert make("worker", PATH=path, VIRTUAL_ENV=activated) == "run-jobs of other\n"
    assert make("migrate", PATH=path, VIRTUAL_ENV=activated) == "jobgen of everywhere migrate\n"
    install(project / "venv", "run-jobs")
    assert make("worker", PATH=path, VIRTUAL_ENV=activated) == "run-jobs of venv\n"
    built = make("build/bin/RunJobs", PATH=path)
    assert built == "jobgen of everywhere build run-jobs\n"
    assert make("worker", f"VENV={activated}", PATH=path) == "run-jobs of other\n"


@pytest.mark.parametrize(
    ("direct_url", "is_local"),
    [('{"url": "file:///srv", "dir_info": {}}', True), ('{"url": "https://e/j.whl"}', False)],
)
def test_dependency_on_a_folder_of_this_machine_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, direct_url: str, is_local: bool
) -> None:
    info = tmp_path / "site/jobgen_runtime-0.1.0.dist-info"
    for name in ("jobgen_runtime", "jobgen"):
        info = tmp_path / f"site/{name}-0.1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.0\n")
        (info / "direct_url.json").write_text(direct_url.replace("/srv", str(tmp_path)))
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    (tmp_path / "project").mkdir()
    plans = (init.make_plan(tmp_path / "project"), new.make_plan(tmp_path, "shop"))
    for plan in plans:
        steps = [step for step in plan.next_steps if step.startswith("Before you share")]
        assert len(steps) == is_local
        assert all(f"file://{tmp_path}" in step and "#subdirectory" in step for step in steps)
