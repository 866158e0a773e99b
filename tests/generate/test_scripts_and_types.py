"""Scripts create the job that they are named after, and Types.py follows Schema.sql."""

from __future__ import annotations

import os
import pty
import subprocess
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from jobgen.errors import ExitCode
from jobgen.generate.column import make_plan as column_plan
from jobgen.plan.conflicts import conflicting_paths, exit_code, resolve_conflicts
from jobgen.project import find_project
from tests.generate.projects import (
    after,
    apply,
    destroy_job,
    destroy_script,
    job,
    messages,
    operations,
    script,
    types,
)
from tests.support import forked
from tests.support.forked import BIN
from tests.support.tree import PEP8_SHOP, SHOP, read_tree, write_tree

PATH = "Application/Script/RunEmailCustomersJob.py"
HELLO = '#!/usr/bin/env run-script\n\n\nasync def run() -> None:\n    print("Hello World!")\n'
CREATING = """\
#!/usr/bin/env run-script
import argparse
import sys

from Generated.Types import EmailCustomersJob


async def run() -> None:
    argparse.ArgumentParser(allow_abbrev=False).parse_args()
    job = await EmailCustomersJob.create()
    if sys.stdout.isatty():
        print(f"Created EmailCustomersJob {job.id}")
"""


def test_script_without_a_job_prints_hello_world_and_is_executable(tmp_path: Path) -> None:
    root = write_tree(tmp_path, SHOP)
    plan = apply(root, script(root, "Nightly"))
    assert after(plan, "Application/Script/Nightly.py") == HELLO
    assert (root / "Application/Script/Nightly.py").stat().st_mode & 0o111
    assert script(root, "nightly").pending == ()


@pytest.mark.parametrize(
    "name", ["RunEmailCustomersJob", "run_email_customers", "RunEmailCustomers"]
)
def test_script_named_after_a_job_creates_a_row_of_it(tmp_path: Path, name: str) -> None:
    root = write_tree(tmp_path, SHOP)
    apply(root, job(root, "EmailCustomers"))
    plan = script(root, name)
    assert plan.warnings == ()
    assert [change.after for change in plan.changes] == [CREATING.encode()]


def test_script_named_after_a_missing_job_prints_hello_world_with_a_warning(tmp_path: Path) -> None:
    plan = script(write_tree(tmp_path, SHOP), "RunEmailCustomersJob")
    assert after(plan, PATH) == HELLO
    assert "no job EmailCustomers" in str(plan.warnings)


def test_script_with_the_name_of_a_job_says_what_would_create_it(tmp_path: Path) -> None:
    root = write_tree(tmp_path, SHOP)
    apply(root, job(root, "EmailCustomers"))
    plan = script(root, "EmailCustomers")
    assert after(plan, "Application/Script/EmailCustomers.py") == HELLO
    assert "call the script RunEmailCustomersJob" in str(plan.warnings)
    assert script(root, "Nightly").warnings == ()


def test_script_in_the_pep8_layout_imports_a_record_with_acronyms(tmp_path: Path) -> None:
    root = write_tree(tmp_path, PEP8_SHOP)
    apply(root, job(root, "SyncURLs"))
    plan = script(root, "RunSyncURLsJob")
    text = after(plan, "shop/scripts/run_sync_urls_job.py")
    assert "from shop.generated.types import SyncURLsJob" in text


SCRAPE = """\
#!/usr/bin/env run-script
import argparse
import sys
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from Generated.Types import ScrapeJob


def decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(text) from error


async def run() -> None:
    parser = argparse.ArgumentParser(allow_abbrev=False, argument_default=argparse.SUPPRESS)
    parser.register("type", "DATE", date.fromisoformat)
    parser.register("type", "DATETIME", datetime.fromisoformat)
    parser.add_argument("--band-id", type=UUID, metavar="UUID", required=True)
    parser.add_argument("--class", dest="class_", type=int, metavar="INT", required=True)
    parser.add_argument("--at", type="DATETIME", metavar="DATETIME", required=True)
    parser.add_argument("--day", type="DATE", metavar="DATE", required=True)
    parser.add_argument("--price", type=decimal, metavar="DECIMAL", required=True)
    parser.add_argument("--loud", action=argparse.BooleanOptionalAction, required=True)
    parser.add_argument("--job-help", dest="help", metavar="TEXT", required=True)
    parser.add_argument("--tags", nargs="*", metavar="TEXT", required=True)
    parser.add_argument("--note", metavar="TEXT")
    parser.add_argument("--n", type=int, metavar="INT")
    parser.add_argument("--span", metavar="INTERVAL")
    job = await ScrapeJob.create(**vars(parser.parse_args()))
    if sys.stdout.isatty():
        print(f"Created ScrapeJob {job.id}")
"""


def test_columns_of_the_job_are_options_of_the_script(tmp_path: Path) -> None:
    root = write_tree(tmp_path, SHOP)
    columns = ["band:references", "class:int", "at:timestamptz", "day:date", "price:numeric"]
    columns += ["loud:bool", "help:text", "tags:text[]", "note:text?", "n:int=1", "span:interval?"]
    apply(root, job(root, "Scrape", *columns))
    plan = script(root, "RunScrapeJob")
    assert after(plan, "Application/Script/RunScrapeJob.py") == SCRAPE
    assert "Application/Script/RunScrapeJob.py --help" in str(plan.next_steps)


def test_enum_column_is_an_option_with_the_labels_in_its_help(tmp_path: Path) -> None:
    root = write_tree(tmp_path, SHOP)
    schema = root / "Application/Schema.sql"
    schema.write_text(schema.read_text() + "CREATE TYPE mood AS ENUM ('sad', 'ok');\n")
    apply(root, job(root, "Scrape", "mood:mood"))
    text = after(script(root, "RunScrapeJob"), "Application/Script/RunScrapeJob.py")
    assert "from Generated.Types import Mood, ScrapeJob\n" in text
    assert "type=Mood" in text
    assert 'help=", ".join(each.value for each in Mood).replace("%", "%%")' in text


def test_value_that_python_does_not_convert_is_passed_on_as_text(
    tmp_path: Path, runtime_database: str
) -> None:
    root = write_tree(tmp_path, SHOP)
    columns = ["span:interval", "pages:int4range", "waits:interval[]", "data:jsonb", "raw:bytea?"]
    columns += ["grid:int[][]?", "flags:bool[]?"]
    apply(root, job(root, "Scrape", *columns))
    apply(root, script(root, "RunScrapeJob"))
    text = (root / "Application/Script/RunScrapeJob.py").read_text()
    assert 'parser.add_argument("--span", metavar="INTERVAL", required=True)' in text
    assert 'parser.add_argument("--data", type="JSON", metavar="JSON", required=True)' in text
    schema = (root / "Application/Schema.sql").read_text()
    given = ["--span", "2 hours", "--pages", "[1,3)", "--waits", '{"1 day","2 s"}']
    given += ["--data", '{"a": [1]}', "--raw", r"\x00ff", "--grid", "{{1,2}}", "--flags", "{t,f}"]
    with psycopg.connect(runtime_database, autocommit=True) as conn:
        conn.execute(schema.encode())
        command = [str(BIN / "run-script"), "Application/Script/RunScrapeJob.py"]
        environment = {**os.environ, "DATABASE_URL": runtime_database}
        done = forked.run([*command, *given], root, environment, timeout=120)
        assert done.returncode == 0, done.stderr
        row = conn.execute(
            "SELECT span, pages::text, waits[2], data, raw, grid, flags FROM scrape_jobs"
        ).fetchone()
        given[given.index('{"a": [1]}')] = "{'a': [1]}"
        refused = forked.run([*command, *given], root, os.environ, timeout=120)
    assert refused.returncode == 2
    assert """argument --data: invalid 'JSON' value: "{'a': [1]}\"""" in refused.stderr
    hours, seconds = timedelta(hours=2), timedelta(seconds=2)
    data = {"a": [1]}
    assert row == (hours, "[1,3)", seconds, data, b"\x00\xff", [[1, 2]], [True, False])


def test_script_without_options_refuses_arguments_and_tells_a_terminal_what_it_created(
    tmp_path: Path, runtime_database: str
) -> None:
    root = write_tree(tmp_path, {**SHOP, "Application/Schema.sql": ""})
    apply(root, job(root, "EmailCustomers"))
    apply(root, script(root, "RunEmailCustomersJob"))
    env = {**os.environ, "DATABASE_URL": runtime_database}
    command = [str(BIN / "run-script"), PATH]
    with psycopg.connect(runtime_database, autocommit=True) as conn:
        conn.execute((root / "Application/Schema.sql").read_bytes())

        def outcome(*arguments: str) -> tuple[int, str, int]:
            """Return the script's exit code and output in a file, and the number of jobs."""
            done = forked.run([*command, *arguments], root, env, timeout=120)
            rows = conn.execute("SELECT id FROM email_customers_jobs").fetchall()
            return done.returncode, done.stdout, len(rows)

        code, text, jobs = outcome("--help")
        assert (code, text.startswith("usage: RunEmailCustomersJob.py"), jobs) == (0, True, 0)
        assert outcome("--dry-run") == (2, "", 0)
        assert outcome("later") == (2, "", 0)
        assert outcome() == (0, "", 1)
        terminal, given = pty.openpty()
        subprocess.run(command, cwd=root, env=env, stdout=given, check=True)
        shown = os.read(terminal, 1000).decode()
        ids = conn.execute("SELECT id FROM email_customers_jobs ORDER BY created_at").fetchall()
        assert shown == f"Created EmailCustomersJob {ids[1][0]}\r\n"
        os.close(terminal)
        os.close(given)


def test_edited_script_is_kept_unless_forced(tmp_path: Path) -> None:
    root = write_tree(tmp_path, SHOP)
    apply(root, script(root, "Nightly"))
    path = root / "Application/Script/Nightly.py"
    path.write_text("mine\n")
    assert exit_code(script(root, "Nightly")) is ExitCode.CONFLICT
    plan = destroy_script(root, "Nightly")
    assert exit_code(plan) is ExitCode.CONFLICT
    apply(root, resolve_conflicts(plan, write=conflicting_paths(plan)))
    assert not path.exists()


def test_destroying_a_script_restores_the_project(tmp_path: Path) -> None:
    root = write_tree(tmp_path, SHOP)
    apply(root, job(root, "EmailCustomers"))
    before = read_tree(root)
    apply(root, script(root, "RunEmailCustomersJob"))
    apply(root, destroy_script(root, "RunEmailCustomersJob"))
    (root / "Application/Script").rmdir()
    assert read_tree(root) == before
    assert "no script" in messages(destroy_script(root, "RunEmailCustomersJob"))


def test_types_file_follows_the_schema_and_the_names_of_records(tmp_path: Path) -> None:
    root = write_tree(tmp_path, SHOP)
    apply(root, types(root))
    assert "class Band(Record):" in (root / "Generated/Types.py").read_text()
    with (root / "Application/Schema.sql").open("a") as schema:
        schema.write("CREATE TYPE mood AS ENUM ('glad', 'sad');\nCREATE TABLE people (m mood);\n")
    assert operations(types(root)) == {"Generated/Types.py": "update"}
    config = root / "pyproject.toml"
    config.write_text(config.read_text() + '\n[tool.jobgen.records]\npeople = "Person"\n')
    apply(root, types(root))
    assert "class Person(Record):" in (root / "Generated/Types.py").read_text()
    assert types(root).pending == ()


def test_types_file_with_other_line_ends_is_up_to_date(tmp_path: Path) -> None:
    root = write_tree(tmp_path, SHOP)
    apply(root, types(root))
    path = root / "Generated/Types.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert types(root).pending == ()


def test_two_records_of_the_same_name_are_an_issue_with_the_line_of_the_table(
    tmp_path: Path,
) -> None:
    schema = "CREATE TABLE bands (id INT);\nCREATE TABLE band (id INT);\n"
    plan = types(write_tree(tmp_path, {**SHOP, "Application/Schema.sql": schema}))
    assert "[tool.jobgen.records]" in messages(plan)
    assert plan.issues[0].line in {1, 2}


def test_edited_table_stays_and_its_lines_are_named(tmp_path: Path) -> None:
    root = write_tree(tmp_path, SHOP)
    apply(root, job(root, "CleanUp"))
    schema = root / "Application/Schema.sql"
    edited = schema.read_text().replace(
        "run_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL",
        "run_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,\n    mine TEXT CHECK (mine <> '')",
    )
    schema.write_text(edited)
    apply(root, types(root))
    plan = apply(root, destroy_job(root, "CleanUp"))
    assert schema.read_text() == edited
    assert "(6, 19, 21, 23, 25, 27)" in str(plan.warnings)
    assert not (root / "Web/Job/CleanUp.py").exists()
    assert "CleanUp" not in (root / "Web/Worker.py").read_text()
    assert types(root).pending == ()


def test_table_that_others_reference_stays(tmp_path: Path) -> None:
    root = write_tree(tmp_path, SHOP)
    apply(root, job(root, "CleanUp"))
    schema = root / "Application/Schema.sql"
    more = schema.read_text() + "CREATE TABLE logs (job UUID REFERENCES clean_up_jobs (id));\n"
    schema.write_text(more)
    apply(root, types(root))
    plan = apply(root, destroy_job(root, "CleanUp"))
    assert schema.read_text() == more
    assert "stay because its statements in" in str(plan.warnings)


def test_edited_job_is_kept_unless_forced(tmp_path: Path) -> None:
    root = write_tree(tmp_path, SHOP)
    apply(root, job(root, "CleanUp"))
    (root / "Web/Job/CleanUp.py").write_text("mine\n")
    plan = destroy_job(root, "CleanUp")
    assert exit_code(plan) is ExitCode.CONFLICT
    apply(root, resolve_conflicts(plan, keep=conflicting_paths(plan)))
    assert (root / "Web/Job/CleanUp.py").read_text() == "mine\n"
    assert "clean_up" not in (root / "Application/Schema.sql").read_text()


def test_destroying_a_job_names_the_scripts_that_create_it(tmp_path: Path) -> None:
    root = write_tree(tmp_path, SHOP)
    apply(root, job(root, "CleanUp"))
    apply(root, script(root, "RunCleanUpJob"))
    assert "jobgen destroy script RunCleanUpJob" in str(destroy_job(root, "CleanUp").warnings)


def test_job_of_another_application_is_destroyed_without_naming_the_application(
    tmp_path: Path,
) -> None:
    root = write_tree(tmp_path, SHOP)
    apply(root, job(root, "CleanUp", app="Admin"))
    plan = destroy_job(root, "CleanUp")
    assert operations(plan)["Admin/Job/CleanUp.py"] == "delete"


def test_destroying_a_missing_job_is_refused(tmp_path: Path) -> None:
    plan = destroy_job(write_tree(tmp_path, SHOP), "CleanUp")
    assert "no job CleanUp" in messages(plan)
    assert exit_code(plan) is ExitCode.ERROR


def test_missing_table_of_a_model_leads_to_the_setting(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {**SHOP, "manage.py": ""})
    plan = job(root, "CleanUp", "question:references=polls_question")
    assert 'set schema_source = "database" in [tool.jobgen]' in messages(plan)


def test_tables_of_the_database_can_be_referenced_and_get_records(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    with psycopg.connect(database) as conn:
        conn.execute("CREATE TABLE venues (id INT PRIMARY KEY, city TEXT NOT NULL)")
        conn.execute("CREATE SCHEMA app; CREATE TYPE app.level AS ENUM ('low')")
        conn.execute("CREATE EXTENSION citext SCHEMA app")
    monkeypatch.setenv("DATABASE_URL", database)
    config = SHOP["pyproject.toml"] + 'schema_source = "database"\n'
    root = write_tree(tmp_path, {**SHOP, "pyproject.toml": config, "Application/Schema.sql": ""})
    assert "there is none in the database." in messages(job(root, "CleanUp", "zebra:references"))
    for file, advice in (
        (None, "The table of a model must be in the database first."),
        ("alembic.ini", "of a new model, run `alembic upgrade head` first."),
        ("manage.py", "of a new model, run `manage.py migrate` first."),
    ):
        if file:
            (root / file).touch()
        assert advice in messages(job(root, "CleanUp", "zebra:references=zebras"))
        (refused,) = column_plan(find_project(root), "venues", ("note:text?",)).issues
        assert refused.message.startswith("The table venues is in the database, and not in Appli")
        assert (refused.hint or "").endswith("`jobgen types`.")
        (root / (file or "none")).unlink(missing_ok=True)
    plan = apply(root, job(root, "CleanUp", "venue:references", "a:app.level=low", "b:app.citext"))
    assert "REFERENCES venues (id)" in after(plan, "Application/Schema.sql")
    assert "b app.citext NOT NULL" in after(plan, "Application/Schema.sql")
    text = after(plan, "Generated/Types.py")
    assert "class Venue(Record):" in text
    assert "class AppLevel(Enum):" in text
    assert "class CleanUpJob(JobRecord):" in text
    assert types(root).pending == ()
