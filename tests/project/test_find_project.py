"""Finding the project and checking the options of [tool.jobgen]."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from jobgen.errors import JobgenError
from jobgen.project import Project, find_project
from tests.support.tree import PEP8_SHOP, SHOP, write_tree


def project_with(root: Path, options: str) -> Project:
    write_tree(root, {"pyproject.toml": f"[tool.jobgen]\n{options}\n"})
    return find_project(root)


def test_project_is_the_nearest_folder_with_the_table(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "a path with spaces", SHOP)
    write_tree(root / "Web" / "deep", {"pyproject.toml": "[project]\nname = 'other'\n"})
    assert find_project(root / "Web" / "deep").root == root


def test_error_outside_a_project_names_the_commands_that_make_one(tmp_path: Path) -> None:
    with pytest.raises(JobgenError) as caught:
        find_project(tmp_path)
    assert "[tool.jobgen]" in caught.value.message
    assert "jobgen init" in (caught.value.hint or "")


def test_paths_of_the_guide_layout(tmp_path: Path) -> None:
    project = find_project(write_tree(tmp_path, SHOP))
    assert str(project.schema_path) == "Application/Schema.sql"
    assert str(project.types_path) == "Generated/Types.py"
    assert str(project.main_path) == "WorkerMain.py"
    assert str(project.migrations_path) == "Application/Migration"
    assert str(project.job_path("Web", "EmailCustomers")) == "Web/Job/EmailCustomers.py"
    assert str(project.script_path("Nightly")) == "Application/Script/Nightly.py"
    assert str(project.worker_path("Admin")) == "Admin/Worker.py"
    assert str(project.front_controller_path("Web")) == "Web/FrontController.py"
    assert project.module(project.job_path("Web", "A")) == "Web.Job.A"


def test_paths_of_the_pep8_layout(tmp_path: Path) -> None:
    project = find_project(write_tree(tmp_path, PEP8_SHOP))
    assert str(project.job_path("shop", "GenerateURLs")) == "shop/jobs/generate_urls.py"
    assert str(project.script_path("RunIt")) == "shop/scripts/run_it.py"
    assert str(project.worker_path("BackOffice")) == "back_office/worker.py"


def test_modules_are_below_the_source(tmp_path: Path) -> None:
    project = project_with(tmp_path, 'source = "src"')
    assert str(project.types_path) == "src/Generated/Types.py"
    assert str(project.schema_path) == "Application/Schema.sql"
    assert project.module(project.main_path) == "WorkerMain"
    with pytest.raises(JobgenError, match="not below src"):
        project.module(PurePosixPath("Other/Module.py"))


def test_path_that_cannot_be_imported_is_an_error(tmp_path: Path) -> None:
    project = project_with(tmp_path, 'paths.job = "{App}/back-ground/{Name}.py"')
    with pytest.raises(JobgenError, match="back-ground"):
        project.module(project.job_path("Web", "A"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ('aplication = "Web"', "aplication: unknown option"),
        ('postgres = "/usr/bin"', "postgres: it must be a table"),
        ("[tool.jobgen.postgres]\nbim = 1", "postgres.bim: unknown option; the option is bin"),
        ("[tool.jobgen.postgres]\nbin = ''", "postgres.bin: it must be a non-empty text"),
        ("[tool.jobgen.postgres]\nbin = '~nobody-here/bin'", "home folder"),
        ('application = "My App"', "application"),
        ('application = "class"', "keyword"),
        ("application = 3", "application"),
        ('source = "../other"', "source"),
        ('source = "/abs"', "source"),
        ('schema_source = "magic"', "'file' or 'database'"),
        ('paths.job = "{App}/jobs.py"', "{Name}"),
        ('paths.job = "{app}/{nmae}.py"', "{nmae}"),
        ('paths.jobs = "x"', "paths.jobs: unknown path"),
        ('paths.schema = "../Schema.sql"', "paths.schema"),
        ("paths = 3", "paths"),
        ('records.people = "a b"', "records.people"),
        ("records = []", "records"),
        ("broken =", "not valid TOML"),
    ],
)
def test_invalid_option_is_an_error_that_names_it(
    tmp_path: Path, options: str, message: str
) -> None:
    with pytest.raises(JobgenError) as caught:
        project_with(tmp_path, options)
    assert message in caught.value.message
    assert "pyproject.toml" in caught.value.message


def test_existing_modules_are_found_in_the_guide_layout(tmp_path: Path) -> None:
    files = {
        **SHOP,
        "Web/Worker.py": "",
        "Admin/Worker.py": "",
        "Web/Job/EmailCustomers.py": "",
        "Web/Job/__init__.py": "",
        "Web/Job/notes.txt": "",
        "Admin/Job/CleanUp.py": "",
        "Application/Script/Nightly.py": "",
    }
    project = find_project(write_tree(tmp_path, files))
    assert project.applications() == ("Web", "Admin")
    assert [(job.app, job.name) for job in project.jobs()] == [
        ("Admin", "CleanUp"),
        ("Web", "EmailCustomers"),
    ]
    assert [script.name for script in project.scripts()] == ["Nightly"]


def test_existing_modules_are_found_in_the_pep8_layout(tmp_path: Path) -> None:
    files = {**PEP8_SHOP, "shop/worker.py": "", "shop/jobs/email_customers.py": ""}
    project = find_project(write_tree(tmp_path, files))
    assert project.applications() == ("shop",)
    assert [(job.app, job.name) for job in project.jobs()] == [("shop", "EmailCustomers")]
