"""A generator refuses invalid input with the right exit code, and changes no file."""

from __future__ import annotations

from pathlib import Path

import pytest
from jobgen_runtime.job_table.names import object_name

from jobgen.errors import ExitCode, UsageError
from jobgen.plan.conflicts import (
    conflicting_paths,
    exit_code,
    overwrite_edited,
    resolve_conflicts,
)
from tests.generate.projects import apply, job, messages, operations, types
from tests.support.tree import PEP8_SHOP, SHOP, read_tree, write_tree

SCHEMA_PATH = "Application/Schema.sql"
LONG = "a" * 58


def shop(root: Path, **changes: str) -> Path:
    """Write the shop, with `schema` appended to its Schema.sql and with other files."""
    files: dict[str, str] = dict(SHOP)
    files[SCHEMA_PATH] += changes.pop("schema", "")
    return write_tree(root, {**files, **changes})


@pytest.mark.parametrize("name", ["", "1st", "a b", "../x", "x" * 300, "class", "Job", "📧"])
def test_invalid_job_name_is_refused(tmp_path: Path, name: str) -> None:
    root = shop(tmp_path)
    before = read_tree(root)
    with pytest.raises(UsageError):
        job(root, name)
    assert read_tree(root) == before


@pytest.mark.parametrize("app", ["", "my app", "class", "json", "../x", "_x", "jobgen_runtime"])
def test_invalid_application_name_is_refused(tmp_path: Path, app: str) -> None:
    with pytest.raises(UsageError):
        job(shop(tmp_path), "CleanUp", app=app)


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ("id:int", "id"),
        ("status:text", "status"),
        ("note", "note"),
        ("note:tekst", "tekst"),
        ("Note:text", "Note"),
        ("no te:text", "no te"),
        ("label:references", "label"),
        ("ctid:int", "ctid"),
        ("x" * 64 + ":int", "63"),
    ],
)
def test_invalid_column_is_refused(tmp_path: Path, column: str, reason: str) -> None:
    plan = job(shop(tmp_path), "CleanUp", "fine:int", column)
    assert reason in messages(plan)
    assert exit_code(plan) is ExitCode.USAGE
    assert plan.pending == ()


def test_column_named_twice_is_refused(tmp_path: Path) -> None:
    plan = job(shop(tmp_path), "CleanUp", "note:text", "note:int")
    assert "twice" in messages(plan)
    assert exit_code(plan) is ExitCode.USAGE


@pytest.mark.parametrize("column", ["order:int", "class:text", "user:references=bands"])
def test_column_named_like_a_keyword_is_accepted(tmp_path: Path, column: str) -> None:
    root = shop(tmp_path)
    apply(root, job(root, "CleanUp", column))
    assert types(root).pending == ()
    compile((root / "Generated/Types.py").read_text(), "Types.py", "exec")


@pytest.mark.parametrize(
    ("schema", "name", "reason"),
    [
        ("CREATE TABLE clean_up_jobs (id INT);\n", "CleanUp", "not the table of a job"),
        ("CREATE VIEW clean_up_jobs AS SELECT 1;\n", "CleanUp", "clean_up_jobs"),
        ("CREATE INDEX clean_up_jobs_claim ON bands (name);\n", "CleanUp", "clean_up_jobs_claim"),
        (f"CREATE TABLE {object_name(LONG + '_jobs', 'claim')} (id INT);\n", LONG, "is taken"),
        ("CREATE TABLE clean_up_job (id INT PRIMARY KEY);\n", "CleanUp", "CleanUpJob"),
    ],
)
def test_name_that_is_taken_in_the_schema_is_refused(
    tmp_path: Path, schema: str, name: str, reason: str
) -> None:
    plan = job(shop(tmp_path, schema=schema), name)
    assert reason in messages(plan)
    assert exit_code(plan) is ExitCode.ERROR


@pytest.mark.parametrize("first", ["UrlSync", "URLSync"])
@pytest.mark.parametrize("files", [SHOP, PEP8_SHOP], ids=["guide", "pep8"])
def test_another_spelling_of_a_job_is_refused(
    tmp_path: Path, files: dict[str, str], first: str
) -> None:
    root = write_tree(tmp_path, files)
    apply(root, job(root, first))
    before = read_tree(root)
    second = "URLSync" if first == "UrlSync" else "UrlSync"
    plan = job(root, second)
    assert first in messages(plan)
    assert exit_code(plan) is ExitCode.ERROR
    assert read_tree(root) == before


def test_module_that_differs_only_in_case_is_refused(tmp_path: Path) -> None:
    root = shop(tmp_path, **{"Web/Job/cleanup.py": "mine = 1\n"})
    plan = job(root, "Cleanup")
    assert "Web/Job/cleanup.py" in messages(plan)
    assert exit_code(plan) is ExitCode.ERROR


def test_folder_that_differs_only_in_case_is_refused(tmp_path: Path) -> None:
    files = {path: text for path, text in SHOP.items() if not path.startswith("Web")}
    root = write_tree(tmp_path, {**files, "web/views.py": ""})
    assert "clashes with web" in messages(job(root, "CleanUp"))


def test_job_of_the_same_name_in_another_application_is_refused(tmp_path: Path) -> None:
    root = shop(tmp_path)
    apply(root, job(root, "CleanUp"))
    plan = job(root, "CleanUp", app="Admin")
    assert "Web/Job/CleanUp.py" in messages(plan)
    assert exit_code(plan) is ExitCode.ERROR


def test_application_is_found_in_any_spelling(tmp_path: Path) -> None:
    root = shop(tmp_path)
    assert "Web/Job/CleanUp.py" in operations(job(root, "CleanUp", app="web"))


def test_column_that_the_existing_table_does_not_have_is_refused(tmp_path: Path) -> None:
    root = shop(tmp_path)
    apply(root, job(root, "CleanUp"))
    plan = job(root, "CleanUp", "depth:int?")
    assert "ALTER TABLE clean_up_jobs ADD COLUMN depth" in messages(plan)
    assert exit_code(plan) is ExitCode.ERROR


@pytest.mark.parametrize("columns", [(), ("depth:int",)])
def test_job_whose_code_was_written_needs_nothing(tmp_path: Path, columns: tuple[str, ...]) -> None:
    root = shop(tmp_path)
    apply(root, job(root, "CleanUp", *columns))
    module = root / "Web/Job/CleanUp.py"
    generated = module.read_text()
    module.write_text(generated.replace("Hello World!", "done").replace("class", "\n\nclass"))
    for words in ((), columns):
        plan = job(root, "CleanUp", *words)
        assert (plan.issues, plan.pending, plan.warnings) == ((), (), ())
        assert exit_code(plan) is ExitCode.DONE
    change = next(each for each in overwrite_edited(plan).pending)
    assert (str(change.path), change.after) == ("Web/Job/CleanUp.py", generated.encode())


def test_job_whose_code_was_written_is_registered_again(tmp_path: Path) -> None:
    root = shop(tmp_path)
    apply(root, job(root, "CleanUp"))
    edited = (root / "Web/Job/CleanUp.py").read_text().replace("Hello", "Goodbye")
    (root / "Web/Job/CleanUp.py").write_text(edited)
    (root / "Web/Worker.py").write_text("workers = []\n")
    plan = apply(root, job(root, "CleanUp"))
    assert [str(change.path) for change in plan.pending] == ["Web/Worker.py"]
    assert (root / "Web/Job/CleanUp.py").read_text() == edited


def test_module_without_the_job_is_a_conflict(tmp_path: Path) -> None:
    root = shop(tmp_path)
    apply(root, job(root, "CleanUp"))
    (root / "Web/Job/CleanUp.py").write_text("mine = 1\n")
    plan = job(root, "CleanUp")
    assert exit_code(plan) is ExitCode.CONFLICT
    assert list(map(str, conflicting_paths(plan))) == ["Web/Job/CleanUp.py"]
    kept = resolve_conflicts(plan, keep=conflicting_paths(plan))
    assert (kept.issues, kept.pending) == ((), ())
    written = resolve_conflicts(plan, write=conflicting_paths(plan))
    assert written.issues == ()
    assert operations(written)["Web/Job/CleanUp.py"] == "update"


def test_types_file_that_jobgen_did_not_write_is_a_conflict(tmp_path: Path) -> None:
    plan = job(shop(tmp_path, **{"Generated/Types.py": "class Mine: ...\n"}), "CleanUp")
    assert exit_code(plan) is ExitCode.CONFLICT


@pytest.mark.parametrize(
    ("path", "text", "paste"),
    [
        ("Web/Worker.py", "def broken(:\n", "from Web.Job.CleanUp import CleanUp"),
        ("Web/Worker.py", "OTHER = 1\n", "workers: list[type[Job[Any]]] = [CleanUp]"),
        ("Web/Worker.py", "MORE = []\nworkers = [] + MORE\n", "[*workers, CleanUp]"),
        ("Web/Worker.py", "if 1:\n    workers = []\nelse:\n    workers = []\n", "CleanUp"),
        ("WorkerMain.py", "workers = list()\n", "from Web.Worker import workers as web_workers"),
        ("Web/FrontController.py", "JobsDashboard(auth=None)\n", "jobs=[CleanUp]"),
        ("Web/FrontController.py", "JobsDashboard(jobs=[\n", "CleanUp"),
    ],
)
def test_list_that_cannot_be_edited_is_refused_with_the_text_to_add(
    tmp_path: Path, path: str, text: str, paste: str
) -> None:
    root = shop(tmp_path, **{path: text})
    before = read_tree(root)
    plan = job(root, "CleanUp")
    assert exit_code(plan) is ExitCode.ERROR
    assert path in messages(plan)
    assert paste in messages(plan)
    assert read_tree(root) == before


def test_job_can_be_generated_after_adding_the_text_by_hand(tmp_path: Path) -> None:
    root = shop(tmp_path, **{"Web/Worker.py": "MORE = []\nworkers = [] + MORE\n"})
    paste = job(root, "CleanUp").issues[0].paste
    assert paste is not None
    statement, usage = paste.splitlines()
    text = f"{statement}\nMORE = []\nworkers = [] + MORE\n{usage}\n"
    (root / "Web/Worker.py").write_text(text)
    apply(root, job(root, "CleanUp"))
    assert (root / "Web/Worker.py").read_text() == text


def test_front_controller_without_a_dashboard_is_not_changed(tmp_path: Path) -> None:
    root = shop(tmp_path, **{"Web/FrontController.py": "app = None\n"})
    plan = job(root, "CleanUp")
    assert plan.issues == ()
    assert "Web/FrontController.py" not in operations(plan)
    assert "JobsDashboard" in str(plan.next_steps)


def test_every_issue_has_a_hint(tmp_path: Path) -> None:
    root = shop(tmp_path, **{"Web/Worker.py": "x\n", "WorkerMain.py": "(\n"})
    (root / "Generated/Types.py").mkdir(parents=True)
    plan = job(root, "CleanUp")
    assert all(issue.hint for issue in plan.issues)
    assert "Generated/Types.py is a folder" in messages(plan)
