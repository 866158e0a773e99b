"""What `jobgen check` finds in a project's files, and what it fixes."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from jobgen.check.files import check_files, paths_to_check
from jobgen.check.finding import Finding, Rule
from jobgen.check.formats import FORMATS
from jobgen.generate.inputs import schema_reader
from jobgen.generate.run import plan_and_apply
from jobgen.generate.table import find_generator
from jobgen.plan.model import Plan
from jobgen.project import Project, find_project, read_snapshot
from tests.support.tree import PEP8_SHOP, SHOP, read_tree, write_tree

WORKER = {"guide": "Web/Worker.py", "pep8": "shop/worker.py"}
JOB = {"guide": "Web/Job/Greet.py", "pep8": "shop/jobs/greet.py"}


@pytest.fixture(params=["guide", "pep8"])
def layout(request: pytest.FixtureRequest) -> str:
    """The name of a layout."""
    return str(request.param)


@pytest.fixture
def root(tmp_path: Path, layout: str) -> Path:
    """A project with the job Greet, without any problem."""
    root = write_tree(tmp_path / "my shop", SHOP if layout == "guide" else PEP8_SHOP)
    generate(root, "job", name="Greet", columns=("name:text",))
    return root


def generate(root: Path, generator_name: str, **arguments: Any) -> None:
    generator = find_generator(generator_name)
    assert generator is not None
    result = plan_and_apply(
        root,
        lambda: generator.make_plan(find_project(root), arguments),
        resolve=lambda plan: plan,
        confirm=lambda _plan: True,
        apply=generator.apply_plan,
        dry_run=False,
    )
    assert result.applied


def check(root: Path) -> tuple[list[Finding], Plan, Project]:
    project = find_project(root)
    found = check_files(read_snapshot(project, paths_to_check(project)), schema_reader(project))
    return found.findings, found.plan, project


def rules(root: Path) -> list[Rule]:
    return [finding.rule for finding in check(root)[0]]


def fix(root: Path) -> None:
    from jobgen.apply import apply_plan

    findings, plan, project = check(root)
    assert any(finding.is_fixable for finding in findings)
    apply_plan(project.root, plan)


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_generated_project_is_in_step(root: Path) -> None:
    assert rules(root) == []


def test_unregistered_job_is_found_and_registered_as_it_was(root: Path, layout: str) -> None:
    before = read_tree(root)
    worker = root / WORKER[layout]
    lines = [line for line in worker.read_text().splitlines() if "import Greet" not in line]
    worker.write_text("\n".join(lines).replace("[Greet]", "[]") + "\n")
    [finding] = check(root)[0]
    assert finding.rule is Rule.JOB_NOT_REGISTERED
    assert str(finding.path) == JOB[layout]
    assert WORKER[layout] in finding.message
    fix(root)
    assert rules(root) == []
    kept = {path for path in before if path != WORKER[layout]}
    assert {path: read_tree(root)[path] for path in kept} == {path: before[path] for path in kept}


def test_registration_of_a_missing_job_is_found_and_removed(root: Path, layout: str) -> None:
    (root / JOB[layout]).unlink()
    findings = check(root)[0]
    assert {finding.rule for finding in findings} == {Rule.JOB_MISSING}
    assert {str(finding.path) for finding in findings} >= {WORKER[layout]}
    assert all(finding.line for finding in findings)
    fix(root)
    assert rules(root) == []
    assert "Greet" not in (root / WORKER[layout]).read_text()


def test_module_that_cannot_be_imported_is_found(root: Path, layout: str) -> None:
    for path in (JOB[layout], WORKER[layout]):
        file = root / path
        text = file.read_text()
        file.write_text(f"{text}\n<<<<<<< HEAD\n")
        found = [each for each in check(root)[0] if each.rule is Rule.PYTHON_INVALID]
        assert [(str(each.path), each.line) for each in found] == [(path, text.count("\n") + 2)]
        file.write_text(f"{text}\ntype Newer = int\n")
        assert Rule.PYTHON_INVALID not in rules(root)
        file.write_text(text)


def test_renamed_class_of_a_job_is_found(root: Path, layout: str) -> None:
    file = root / JOB[layout]
    file.write_text(file.read_text().replace("class Greet(", "class Hail("))
    [finding] = check(root)[0]
    assert (finding.rule, str(finding.path)) == (Rule.JOB_MISSING, JOB[layout])
    assert f"does not have the class Greet, which {WORKER[layout]} imports" in finding.message
    file.write_text(f"{file.read_text()}\nGreet = Hail\n")
    assert not rules(root)


def test_misspelled_option_of_a_job_is_found_at_its_line(root: Path, layout: str) -> None:
    file = root / JOB[layout]
    text = file.read_text()
    own = "    max_attempts = 3\n    _retries = 1\n    sender = 'shop'\n    retry = lambda: 1\n"
    head = "class Greet(Job[GreetJob]):\n"
    file.write_text(text.replace(head, f"{head}{own}    max_attempt = 3\n    retries: int\n"))
    found = check(root)[0]
    assert {each.rule for each in found} == {Rule.OPTION_UNKNOWN}
    line = text.splitlines().index(head.strip()) + 6
    assert [(str(each.path), each.line) for each in found] == [
        (JOB[layout], line),
        (JOB[layout], line + 1),
    ]
    assert "Greet.max_attempt is not an option of a job. Did you mean max_attempts?" in (
        found[0].message
    )
    replace(file, "Job[GreetJob])", "Job[GreetJob], Mixin)")
    assert Rule.OPTION_UNKNOWN not in rules(root)


def test_outdated_records_are_found_and_written(root: Path) -> None:
    schema = root / find_project(root).schema_path
    replace(schema, "    name TEXT NOT NULL\n);\n", "    name TEXT NOT NULL,\n    mood TEXT\n);\n")
    assert rules(root) == [Rule.TYPES_OUTDATED]
    fix(root)
    assert rules(root) == []


def test_error_in_the_schema_is_found_at_its_place(root: Path) -> None:
    schema = root / find_project(root).schema_path
    schema.write_text(schema.read_text() + "\nCREATE TABEL x (a INT);\n")
    [finding] = check(root)[0]
    assert finding.rule is Rule.SCHEMA_INVALID
    assert (finding.line, finding.column) == (len(schema.read_text().splitlines()), 8)


def test_job_without_a_table_is_found(root: Path) -> None:
    schema = root / find_project(root).schema_path
    schema.write_text(schema.read_text().partition("CREATE TABLE greet_jobs")[0])
    assert Rule.TABLE_MISSING in rules(root)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    locked_by UUID DEFAULT NULL,\n", "", "the column locked_by"),
        ("CREATE TRIGGER greet_jobs_wake_on_update", "-- CREATE TRIGGER x", "wake_on_update"),
        ("CREATE INDEX greet_jobs_claim", "-- CREATE INDEX greet_jobs_claim", "index greet_jobs_c"),
        ("attempts_count INT ", "attempts_count BIGINT ", "the types of a job's columns"),
    ],
)
def test_incomplete_table_is_found(root: Path, old: str, new: str, message: str) -> None:
    replace(root / find_project(root).schema_path, old, new)
    findings = [each for each in check(root)[0] if each.rule is Rule.TABLE_INCOMPLETE]
    assert [message in finding.message for finding in findings] == [True]


def test_list_that_cannot_be_read_is_found_and_left_alone(root: Path, layout: str) -> None:
    worker = root / WORKER[layout]
    worker.write_text("from somewhere import build\n\nworkers = build()\n")
    findings, plan, _ = check(root)
    assert Rule.REGISTRATION_UNREADABLE in {finding.rule for finding in findings}
    assert not plan.pending


def test_formats_have_every_finding() -> None:
    path = "Web/Worker.py"
    findings = [
        Finding(Rule.TABLE_MISSING, "100% gone,\nreally: yes", hint="Do it."),
        Finding(Rule.JOB_MISSING, "Gone.", PurePosixPath(path), 3, 7),
    ]
    text = FORMATS["text"](findings)
    assert f"{path}:3:7: Gone. [job-missing]" in text
    document = json.loads(FORMATS["json"](findings))
    assert [each["rule"] for each in document["findings"]] == ["table-missing", "job-missing"]
    first, second = FORMATS["github"](findings).splitlines()
    assert first == "::error title=table-missing::100%25 gone,%0Areally: yes%0ADo it."
    assert second.startswith(f"::error file={path},line=3,col=7,title=job-missing::")
    sarif = json.loads(FORMATS["sarif"](findings))
    [run] = sarif["runs"]
    region = run["results"][1]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 3, "startColumn": 7}
    assert {each["ruleId"] for each in run["results"]} <= {
        rule["id"] for rule in run["tool"]["driver"]["rules"]
    }
