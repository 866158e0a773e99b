"""Templates are rendered to the same bytes as by Copier; what needs Copier is refused."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import copier
import pytest

from jobgen.columns.arguments import parse_columns
from jobgen.errors import JobgenError
from jobgen.job_block.context import block_context
from jobgen.job_block.unique import UniqueJob
from jobgen.naming import parse_job_name
from jobgen.render import bundled_templates, load_template
from jobgen.schema.model import Schema
from tests.support.tree import read_tree, write_tree

JOB = {
    "job_path": "Web/Job/EmailCustomers.py",
    "name": "EmailCustomers",
    "record": "EmailCustomersJob",
    "application": "Web",
    "reports_failures": False,
    "types_import": "from Generated.Types import EmailCustomersJob",
    "test_path": "tests/jobs/test_email_customers_job.py",
    "test_name": "email_customers",
    "worker_path": "Web/Worker.py",
    "job_import": "from Web.Job.EmailCustomers import EmailCustomers",
    "main_path": "WorkerMain.py",
    "setup_module": "",
    "worker_imports": ["from Web.Worker import workers as web_workers"],
    "worker_names": ["web_workers"],
}
REPORT = {**JOB, "reports_failures": True}
WITHOUT_LISTS = {**JOB, "worker_path": "", "main_path": ""}
SCRIPT = {
    "script_path": "Application/Script/Nightly.py",
    "record": "",
    "types_import": "",
    "imports": [],
    "arguments": [],
    "registrations": [],
    "has_decimal": False,
}
CREATING = {
    **SCRIPT,
    "record": "ScrapeJob",
    "types_import": "from Generated.Types import ScrapeJob",
    "imports": ["from decimal import Decimal, InvalidOperation", "from uuid import UUID"],
    "arguments": ['"--band-id", type=UUID, required=True', '"--price", type=decimal'],
    "registrations": [["DATE", "date.fromisoformat"]],
    "has_decimal": True,
}
CREATING_WITHOUT_OPTIONS = {**CREATING, "imports": [], "arguments": [], "has_decimal": False}
DOCKER = {
    "name": "shop",
    "python": "3.11",
    "requirements": "pyproject.toml",
    "generator": "jobgen",
    "migrate": ["jobgen", "migrate", "--yes"],
    "web": "Web.FrontController:app",
    "is_factory": False,
}
SCHEMA = block_context(
    parse_job_name("Scrape"),
    parse_columns(("pages:int", "note:text?", "url:text:index"), Schema()),
    Schema(),
    UniqueJob(("pages", "url"), "waiting"),
)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("job", JOB),
        ("job", WITHOUT_LISTS),
        ("job", REPORT),
        ("script", SCRIPT),
        ("script", CREATING),
        ("script", CREATING_WITHOUT_OPTIONS),
        ("schema", SCHEMA),
        ("deploy/systemd", {"name": "shop", "scripts": ["Nightly"]}),
        ("deploy/systemd_timer", {"name": "shop", "script": "Nightly"}),
        ("deploy/cron", {"name": "shop", "scripts": ["Nightly"]}),
        ("deploy/docker", DOCKER),
        ("deploy/compose", {"name": "shop", "web": "Web.FrontController:app"}),
        ("deploy/kubernetes", {"name": "shop", "web": "", "tables": ["a_jobs", "b_jobs"]}),
    ],
)
def test_template_is_rendered_to_the_same_bytes_as_by_copier(
    tmp_path: Path, name: str, data: Mapping[str, object]
) -> None:
    copier.run_copy(
        str(bundled_templates() / name),
        tmp_path / "copied",
        data=dict(data),
        defaults=True,
        quiet=True,
    )
    copied = {
        path: content
        for path, (kind, _, content) in read_tree(tmp_path / "copied").items()
        if kind == "file"
    }
    rendered = load_template(name).render(data)
    assert {str(path): content for path, content in rendered.items()} == copied
    assert rendered


def test_template_of_the_user_replaces_the_one_of_that_name(tmp_path: Path) -> None:
    own = tmp_path / "templates"
    shutil.copytree(bundled_templates() / "script", own / "script")
    script = own / "script/{{ script_path }}.jinja"
    script.write_text(script.read_text().replace("Hello World!", "Hallo {{ whom }}!"))
    (own / "script/notes.txt").write_text("{{ not rendered }}")
    with (own / "script/copier.yml").open("a") as questions:
        questions.write('whom:\n  type: str\n  default: "{{ script_path }}"\n')
    rendered = {str(p): c.decode() for p, c in load_template("script", own).render(SCRIPT).items()}
    assert "Hallo Application/Script/Nightly.py!" in rendered["Application/Script/Nightly.py"]
    assert rendered["notes.txt"] == "{{ not rendered }}"
    assert "EmailCustomers" in str(load_template("job", own).render(JOB))


@pytest.mark.parametrize(
    "setting",
    ["_tasks: [rm -rf /]", "_migrations: []", "_jinja_extensions: [x.y]", "_subdirectory: a"],
)
def test_setting_that_needs_copier_is_refused_by_name(tmp_path: Path, setting: str) -> None:
    write_tree(tmp_path, {"script/copier.yml": f"{setting}\n", "script/a.jinja": ""})
    with pytest.raises(JobgenError, match=setting.partition(":")[0]):
        load_template("script", tmp_path)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"{{ script_path }}.jinja": "{{ missing }}"}, "missing"),
        ({"{{ script_path }}.jinja": "{% if %}"}, "script_path"),
        ({"a.jinja": "one\ntwo\n{{ 'a' / 0 }}\n"}, "a.jinja:3 cannot be rendered: TypeError"),
        ({"a.jinja": "\n{{ record[7] }}\n"}, "a.jinja:2 cannot be rendered: "),
        ({"a.jinja": "\n{{ 1 / 0 }}\n"}, "a.jinja:2 cannot be rendered: ZeroDivisionError"),
        ({"a.jinja": "\n\n{% for %}\n"}, "a.jinja:3 cannot be rendered"),
        ({"{{ 1 % 0 }}/x": ""}, "ZeroDivisionError"),
        ({"copier.yml": "q:\n  default: '{{ 1 / 0 }}'\n", "x": ""}, "ZeroDivisionError"),
        ({"{{ '..' }}/x": ""}, "outside"),
        ({"a.jinja": b"\xff"}, "UTF-8"),
        ({"copier.yml": "a: [", "x": ""}, "copier.yml"),
        ({"copier.yml": "- a", "x": ""}, "copier.yml"),
    ],
)
def test_invalid_template_is_refused_with_its_file(
    tmp_path: Path, files: dict[str, str | bytes], reason: str
) -> None:
    write_tree(tmp_path / "own/script", files)
    with pytest.raises(JobgenError) as caught:
        load_template("script", tmp_path / "own").render(SCRIPT)
    assert reason in caught.value.message


def test_missing_template_folder_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(JobgenError, match="templates") as caught:
        load_template("job", tmp_path / "templates")
    assert "cp -r" in (caught.value.hint or "")


def test_template_cannot_reach_python_internals(tmp_path: Path) -> None:
    write_tree(tmp_path, {"script/a.jinja": "{{ ''.__class__.__mro__ }}"})
    with pytest.raises(JobgenError):
        load_template("script", tmp_path).render(SCRIPT)
