"""`jobgen job` writes all parts of a job, in both layouts, and can be repeated and undone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobgen.apply import apply_plan, last_receipt, plan_undo
from jobgen.plan.model import IssueKind
from jobgen.project import find_project
from tests.generate.projects import (
    after,
    apply,
    column,
    destroy_job,
    job,
    messages,
    operations,
    types,
)
from tests.support.tree import PEP8_SHOP, SCHEMA, SHOP, read_tree, write_tree

MODULE = """\
from jobgen_runtime import Job

from Generated.Types import EmailCustomersJob


class EmailCustomers(Job[EmailCustomersJob]):
    async def perform(self, job: EmailCustomersJob) -> None:
        print("Hello World!")
"""
WORKER = """\
\"\"\"The jobs that the workers of Web run.\"\"\"

from typing import Any

from jobgen_runtime import Job

from Web.Job.EmailCustomers import EmailCustomers

workers: list[type[Job[Any]]] = [EmailCustomers]
"""
MAIN = """\
\"\"\"The jobs of all applications, which `run-jobs` runs.\"\"\"

from typing import Any

from jobgen_runtime import Job

from Web.Worker import workers as web_workers

workers: list[type[Job[Any]]] = [*web_workers]
"""
LAYOUTS = pytest.mark.parametrize("files", [SHOP, PEP8_SHOP], ids=["guide", "pep8"])


def test_first_job_gets_all_its_parts(tmp_path: Path) -> None:
    root = write_tree(tmp_path, SHOP)
    plan = job(root, "EmailCustomers")
    assert plan.issues == ()
    assert operations(plan) == {
        "Application/Schema.sql": "update",
        "Web/Job/EmailCustomers.py": "create",
        "Web/Worker.py": "create",
        "WorkerMain.py": "create",
        "Web/FrontController.py": "update",
        "Generated/Types.py": "create",
    }
    assert after(plan, "Web/Job/EmailCustomers.py") == MODULE
    assert after(plan, "Web/Worker.py") == WORKER
    assert after(plan, "WorkerMain.py") == MAIN
    assert "jobs=[EmailCustomers]" in after(plan, "Web/FrontController.py")
    schema = after(plan, "Application/Schema.sql")
    assert schema.startswith(f"{SCHEMA}\nCREATE TABLE email_customers_jobs (\n")
    assert schema.endswith("wake_job_workers();\n")
    assert "class EmailCustomersJob(JobRecord):" in after(plan, "Generated/Types.py")
    assert "jobgen migrate" in str(plan.next_steps)


def test_next_step_shows_the_values_that_creating_a_job_requires(tmp_path: Path) -> None:
    root = write_tree(tmp_path, SHOP)
    plan = job(root, "Scan", "path:text", "class:int", "note:text?", "n:int=5")
    assert "await ScanJob.create(path=…, class_=…)" in str(plan.next_steps)


def test_results_are_nullable_columns_behind_the_others(tmp_path: Path) -> None:
    root = write_tree(tmp_path, SHOP)
    plan = job(root, "Scan", "path:text", result=("class:int?", "band:references?"))
    assert plan.args["result"] == ["class:int?", "band:references?"]
    schema = after(plan, "Application/Schema.sql")
    assert "    path TEXT NOT NULL,\n    class INT DEFAULT NULL,\n    band_id UUID" in schema
    assert "await job.update(class_=…, band_id=…)" in str(plan.next_steps)
    types_text = after(plan, "Generated/Types.py")
    assert "class_: int | None" in types_text.partition("class Changes")[2]
    apply(root, plan)
    assert not job(root, "Scan", "path:text", result=("class:int?", "band:references?")).pending


@pytest.mark.parametrize(
    ("argument", "written"),
    [
        ("url:text", "url:text?"),
        ("pages:int=0", "pages:int?=0"),
        ("url:text:unique", "url:text?:unique"),
        (" size:numeric(10,2) ", "size:numeric(10,2)?"),
        ("band:references", "band:references?"),
    ],
)
def test_result_that_does_not_allow_null_is_refused_with_what_to_write(
    tmp_path: Path, argument: str, written: str
) -> None:
    plan = job(write_tree(tmp_path, SHOP), "Scan", result=(argument,))
    [issue] = plan.issues
    assert issue.kind is IssueKind.USAGE
    assert "must allow NULL: a result is NULL until the job has filled it." in issue.message
    assert issue.hint == f"Write '{written}'."


def test_column_and_result_of_one_name_are_refused(tmp_path: Path) -> None:
    plan = job(write_tree(tmp_path, SHOP), "Scan", "url:text", result=("url:text?",))
    assert "The column url is given twice." in messages(plan)


def test_first_job_of_the_pep8_layout_gets_lower_case_paths(tmp_path: Path) -> None:
    plan = job(write_tree(tmp_path, PEP8_SHOP), "EmailCustomers")
    assert list(operations(plan)) == [
        "schema.sql",
        "shop/jobs/email_customers.py",
        "shop/worker.py",
        "worker_main.py",
        "shop/web.py",
        "shop/generated/types.py",
    ]
    module = after(plan, "shop/jobs/email_customers.py")
    assert "from shop.generated.types import EmailCustomersJob" in module
    worker = after(plan, "shop/worker.py")
    assert "from shop.jobs.email_customers import EmailCustomers" in worker


@LAYOUTS
@pytest.mark.parametrize(
    "spelling", ["EmailCustomers", "email_customers_jobs", "EmailCustomersJob"]
)
def test_generating_a_job_again_changes_nothing(
    tmp_path: Path, files: dict[str, str], spelling: str
) -> None:
    root = write_tree(tmp_path, files)
    apply(root, job(root, "EmailCustomers", "band:references", "note:text?"))
    again = job(root, spelling, "band:references", "note:text?")
    assert again.issues == ()
    assert again.pending == ()
    assert again.next_steps == ()
    assert job(root, spelling).pending == ()


@LAYOUTS
def test_types_file_is_up_to_date_after_generating_jobs(
    tmp_path: Path, files: dict[str, str]
) -> None:
    root = write_tree(tmp_path, files)
    apply(root, job(root, "EmailCustomers", "band:references"))
    apply(root, job(root, "GenerateURLs", "band:references?", "tags:text[]"))
    assert types(root).pending == ()


@LAYOUTS
@pytest.mark.parametrize("name", ["CleanUp", "GenerateURLs"])
def test_destroying_a_job_restores_the_project(
    tmp_path: Path, files: dict[str, str], name: str
) -> None:
    root = write_tree(tmp_path, files)
    apply(root, job(root, "EmailCustomers"))
    before = read_tree(root)
    columns = [
        "band:references",
        "pages:int=3",
        "note:text?",
        "key:text:unique",
        "at:date:index",
    ]
    apply(root, job(root, name, *columns))
    plan = apply(root, destroy_job(root, name))
    assert read_tree(root) == before
    assert "DROP TABLE" in str(plan.next_steps)
    assert types(root).pending == ()


@LAYOUTS
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_destroying_a_job_removes_the_columns_that_were_added_to_its_table(
    tmp_path: Path, files: dict[str, str], newline: str
) -> None:
    root = write_tree(tmp_path, files)
    schema = root / find_project(root).schema_path
    schema.write_bytes(schema.read_bytes().replace(b"\n", newline.encode()))
    apply(root, job(root, "EmailCustomers"))
    before = read_tree(root)
    apply(root, job(root, "CleanUp", "pages:int=3"))
    apply(root, column(root, "CleanUp", "band:references?", "note:text?"))
    apply(root, column(root, "email_customers_jobs", "note:text?"))
    apply(root, column(root, "CleanUp", "priority:smallint=0", "at:date?:index"))
    plan = apply(root, destroy_job(root, "CleanUp"))
    assert plan.warnings == ()
    assert "clean_up" not in schema.read_text()
    assert "ALTER TABLE email_customers_jobs ADD COLUMN note" in schema.read_text()
    apply(root, destroy_job(root, "EmailCustomers"))
    apply(root, job(root, "EmailCustomers"))
    assert read_tree(root) == before


@LAYOUTS
def test_destroying_a_job_keeps_a_table_whose_added_column_was_edited(
    tmp_path: Path, files: dict[str, str]
) -> None:
    root = write_tree(tmp_path, files)
    apply(root, job(root, "CleanUp"))
    apply(root, column(root, "CleanUp", "note:text?"))
    schema = root / find_project(root).schema_path
    schema.write_text(schema.read_text().replace("note TEXT", 'note TEXT COLLATE "C"'))
    before = schema.read_text()
    plan = apply(root, destroy_job(root, "CleanUp"))
    assert "are not as jobgen wrote them" in str(plan.warnings)
    assert schema.read_text() == before


@LAYOUTS
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_undoing_any_sequence_of_jobs_restores_the_tree(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, str], data: st.DataObject
) -> None:
    root = write_tree(tmp_path_factory.mktemp("shop"), files)
    names = st.sampled_from(["EmailCustomers", "SyncURLs", "CleanUp", "S3Upload"])
    columns = st.sets(st.sampled_from(["band:references", "note:text?", "n:int=1", "tags:text[]"]))
    apps = st.sampled_from([None, "Admin"])
    trees = []
    for name in data.draw(st.lists(names, min_size=1, max_size=3, unique=True)):
        trees.append(read_tree(root))
        apply(root, job(root, name, *sorted(data.draw(columns)), app=data.draw(apps)))
        assert types(root).pending == ()
    for tree in reversed(trees):
        receipt = last_receipt(root)
        assert receipt is not None
        apply_plan(root, plan_undo(root, receipt), undoes=receipt)
        assert read_tree(root) == tree


def test_job_of_a_second_application_is_added_to_the_main_file(tmp_path: Path) -> None:
    root = write_tree(tmp_path, SHOP)
    apply(root, job(root, "EmailCustomers"))
    plan = apply(root, job(root, "CleanUp", app="Admin"))
    assert operations(plan)["Admin/Worker.py"] == "create"
    main = (root / "WorkerMain.py").read_text()
    assert "from Admin.Worker import workers as admin_workers" in main
    assert "[*web_workers, *admin_workers]" in main
    assert "Web/FrontController.py shows the job too" in str(plan.next_steps)
    assert "Web/FrontController.py" not in operations(plan)


def test_first_job_may_belong_to_another_than_the_default_application(tmp_path: Path) -> None:
    root = write_tree(tmp_path, SHOP)
    plan = job(root, "CleanUp", app="Admin")
    assert "[*admin_workers]" in after(plan, "WorkerMain.py")
    assert "Web" not in after(plan, "WorkerMain.py")


def test_job_is_added_to_the_dashboard_of_its_application(tmp_path: Path) -> None:
    controller = SHOP["Web/FrontController.py"]
    root = write_tree(tmp_path, {**SHOP, "Admin/FrontController.py": controller})
    plan = job(root, "CleanUp", app="Admin")
    assert "jobs=[CleanUp]" in after(plan, "Admin/FrontController.py")
    assert "Web/FrontController.py" not in operations(plan)


def test_job_without_a_dashboard_gets_a_step_that_mounts_one(tmp_path: Path) -> None:
    files = {path: text for path, text in SHOP.items() if "FrontController" not in path}
    plan = job(write_tree(tmp_path, files), "CleanUp")
    assert plan.issues == ()
    assert "JobsDashboard(" in str(plan.next_steps)


def test_capitals_that_do_not_follow_from_the_table_are_configured(tmp_path: Path) -> None:
    root = write_tree(tmp_path, SHOP)
    apply(root, job(root, "GenerateURLs"))
    assert 'generate_urls_jobs = "GenerateURLsJob"' in (root / "pyproject.toml").read_text()
    assert "class GenerateURLsJob(" in (root / "Generated/Types.py").read_text()
    assert job(root, "generate_urls").pending == ()
    assert types(root).pending == ()


def test_import_of_a_long_name_is_wrapped(tmp_path: Path) -> None:
    name = "Synchronise" * 4 + "Everything"
    root = write_tree(tmp_path, SHOP)
    plan = job(root, name)
    assert f"import (\n    {name},\n)" in after(plan, "Web/Worker.py")


def test_existing_table_of_the_job_is_used(tmp_path: Path) -> None:
    root = write_tree(tmp_path, SHOP)
    apply(root, job(root, "EmailCustomers"))
    schema = (root / "Application/Schema.sql").read_text()
    other = write_tree(tmp_path / "other", {**SHOP, "Application/Schema.sql": schema})
    plan = job(other, "EmailCustomers")
    assert plan.issues == ()
    assert operations(plan)["Application/Schema.sql"] == "identical"
    assert "used as it is" in str(plan.warnings)


def test_column_added_by_hand_is_accepted(tmp_path: Path) -> None:
    root = write_tree(tmp_path, SHOP)
    apply(root, job(root, "EmailCustomers"))
    with (root / "Application/Schema.sql").open("a") as schema:
        schema.write("ALTER TABLE email_customers_jobs ADD COLUMN subject TEXT NOT NULL;\n")
    apply(root, types(root))
    assert "subject: Required[str]" in (root / "Generated/Types.py").read_text()
    assert job(root, "EmailCustomers").pending == ()
