"""The text of Types.py: its format, its order, and its names."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jobgen_runtime import JobRecord

from jobgen.types_file import RecordClashError
from jobgen.types_file.enum_class import member_names
from jobgen.types_file.text import quoted
from tests.support.schema import job_block
from tests.types_file.rendering import Import, read, rendered

DOCUMENT = Path(__file__).parents[2] / "docs/internals/types-file.md"
HOSTILE = r"""
CREATE TYPE color AS ENUM (
    'red', 'deep blue', '2fa', '', 'Red', 'a"b', 'it''s', 'c:\d', 'None', '日本', '_', 'mro'
);
CREATE TYPE nothing AS ENUM ();
CREATE SCHEMA app;
CREATE TYPE app.state AS ENUM ('on');
CREATE TABLE days (
    date date, "time" time NOT NULL, datetime timestamptz, timedelta interval, date_type text,
    color color, "Color" text, "UUID" uuid, cls int, conn int, "Values" text, values text,
    self int, "Changes" text, changes text, update int, "delete" int, build int, "Table" int,
    create_sync text, "__table__" text, _private text, "class" text, "class_" text, "a b" int,
    "a-b" int, a_b int, "1st" int, "é" int, c "char", int int, list text[], str text,
    addresses inet[], network cidr, data jsonb NOT NULL, numbers int4range, days datemultirange
);
"""
CHECKED = (
    HOSTILE
    + """
CREATE TABLE keys (conn int, cls uuid, date date, self text, PRIMARY KEY (conn, cls, date));
CREATE TABLE a_very_long_table_name_that_nobody_would_choose_but_somebody_h (
    a_very_long_column_name_that_nobody_would_choose_but_somebody_h timestamptz[] NOT NULL,
    another_very_long_column_name_that_nobody_would_choose int4multirange[] NOT NULL
);
CREATE TABLE empty ();
CREATE TABLE app.people (id int PRIMARY KEY, state app.state[] NOT NULL);
CREATE TABLE measures (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE measures_2026 PARTITION OF measures FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
"""
    + job_block("EmailCustomers", "pause INT NOT NULL")
    + job_block("Plain")
    + job_block(
        "Once", '"class" int', "a_very_long_column_name_that_nobody_would_choose date NOT NULL"
    )
    + """
CREATE UNIQUE INDEX once ON once_jobs ("class");
CREATE UNIQUE INDEX a_very_long_index_name_that_nobody_would_choose_but_somebody_h
    ON once_jobs ("class", a_very_long_column_name_that_nobody_would_choose)
    WHERE status IN ('job_status_retry', 'job_status_not_started', 'job_status_running');
CREATE UNIQUE INDEX one_waits ON plain_jobs (run_at) WHERE status = 'job_status_not_started';
"""
)
USE = """
from datetime import date
from uuid import UUID

from jobgen_runtime import JobStatus
from psycopg import AsyncConnection
from Types import Color, Day, EmailCustomersJob, Empty, Key, Measure, PlainJob


async def change(job: EmailCustomersJob, key: Key, conn: AsyncConnection[object]) -> None:
    again: EmailCustomersJob = await job.update(conn, pause_=3)
    key.update_sync(conn_=4).update_sync(date=date(2026, 1, 3), self_="x")
    await key.delete(conn)
    built = EmailCustomersJob.build(pause_=3, attempts_count=1)
    print(again.pause_, built.pause_, (await PlainJob.build().update()).id)
    await job.update(pause_="x")  # wrong
    await job.update(pauses=3)  # wrong
    await job.update(status=JobStatus.FAILED)  # wrong
    EmailCustomersJob.build()  # wrong
    await Measure.build(id=3).update(id=4)  # wrong
    await Empty.build().delete(3)  # wrong
    plain, created = await PlainJob.get_or_create(conn, attempts_count=1)
    print(plain.refresh_sync().attempts_count + 1, not created)
    print(PlainJob.update_or_create_sync(run_at=plain.run_at)[0].attempts_count)
    await PlainJob.update_or_create(note=1)  # wrong
    await EmailCustomersJob.get_or_create(pause_=3)  # wrong


async def use(id: UUID) -> None:
    job = await EmailCustomersJob.create(pause_=3)
    again = await EmailCustomersJob.get(job.id)
    key = Key.get_sync(1, id, date(2026, 1, 2))
    day = Day.create_sync(time=key.date, data={})  # wrong
    many = await Day.create_many([{"color": Color.RED}])  # wrong
    print(again.pause_ + 1, day.date, many[0].color)
"""
EXPECTED = (
    'incompatible type "str"; expected "int"',
    'Unexpected keyword argument "pauses" for "update"',
    'Unexpected keyword argument "status" for "update"',
    'Missing named argument "pause_" for "build"',
    '"Measure" has no attribute "update"',
    'incompatible type "int"; expected "AsyncConnection',
    'Unexpected keyword argument "note" for "update_or_create"',
    '"type[EmailCustomersJob]" has no attribute "get_or_create"',
    'incompatible type "date"; expected "time"',
    'Missing keys ("time", "data")',
)
"""The messages of mypy about the wrong lines of `USE`."""

WRONG = [number for number, line in enumerate(USE.splitlines()) if line.endswith("# wrong")]

BANDS = """
CREATE TYPE color AS ENUM ('red');
CREATE TABLE bands (
    id uuid DEFAULT gen_random_uuid() PRIMARY KEY, name text NOT NULL, color color
);
"""


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", *command]
    return subprocess.run(program, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def checked(tmp_path: Path) -> Path:
    """A folder with the Types.py of `CHECKED` and a module that uses it."""
    (tmp_path / "Types.py").write_text(rendered(CHECKED))
    (tmp_path / "use.py").write_text(USE)
    return tmp_path


def test_types_file_is_the_documented_one() -> None:
    assert rendered(BANDS) in DOCUMENT.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [79, 88, 100, 120])
def test_ruff_formats_types_file_to_itself_at_any_line_length(checked: Path, width: int) -> None:
    options = ["--isolated", f"--line-length={width}", "--target-version=py311"]
    result = run("ruff", "format", "--diff", *options, "Types.py", folder=checked)
    assert result.returncode == 0, result.stdout + result.stderr


def test_types_file_passes_ruff(checked: Path) -> None:
    rules = "E4,E7,E9,F,I,UP,B,C4,PIE,SIM,RUF,FA,PERF,RET"
    result = run("ruff", "check", "--isolated", f"--select={rules}", "Types.py", folder=checked)
    assert result.returncode == 0, result.stdout


@pytest.mark.xdist_group("mypy")
def test_types_file_passes_strict_mypy_which_finds_missing_values(
    checked: Path, mypy_cache: str
) -> None:
    options = ["--strict", "--no-error-summary", "--cache-dir", mypy_cache]
    result = run("mypy", *options, "Types.py", "use.py", folder=checked)
    errors = [line for line in result.stdout.splitlines() if ": note: " not in line]
    assert all(line.startswith("use.py") for line in errors), result.stdout
    for expected, error in zip(EXPECTED, errors, strict=True):
        assert expected in error


def test_types_file_passes_strict_pyright_which_finds_missing_values(checked: Path) -> None:
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11"}
    (checked / "pyrightconfig.json").write_text(json.dumps(settings))
    options = ["--outputjson", "--pythonpath", sys.executable]
    result = run("pyright", *options, folder=checked)
    found = json.loads(result.stdout)["generalDiagnostics"]
    in_types = [item for item in found if Path(item["file"]).name == "Types.py"]
    assert not in_types, in_types
    assert sorted({item["range"]["start"]["line"] for item in found}) == WRONG, found


def test_types_file_does_not_depend_on_the_order_of_statements() -> None:
    first = "CREATE TABLE b (id int); CREATE TYPE z AS ENUM ('x'); CREATE TABLE a (id int);"
    second = "CREATE TYPE z AS ENUM ('x'); CREATE TABLE a (id int); CREATE TABLE b (id int);"
    assert rendered(first) == rendered(second)


def test_new_table_does_not_change_the_lines_of_others() -> None:
    before = rendered("CREATE TABLE a (id int); CREATE TABLE c (id int);").splitlines()
    after = rendered("CREATE TABLE a (id int); CREATE TABLE b (id int); CREATE TABLE c (id int);")
    assert [line for line in before if line not in after.splitlines()] == []


def test_partitions_get_no_record() -> None:
    assert "class Measure(" in rendered(CHECKED)
    assert "Measures2026" not in rendered(CHECKED)


def test_schema_without_tables_gives_an_importable_module(import_types: Import) -> None:
    assert rendered("").endswith("from __future__ import annotations\n")
    import_types("")


def test_columns_with_hostile_names_get_distinct_attributes(import_types: Import) -> None:
    day = import_types(HOSTILE).Day
    columns = day.__table__.columns
    attributes = [day.__table__.attribute(column) for column in columns]
    assert len(set(attributes)) == len(columns)
    assert all(attribute.isidentifier() for attribute in attributes)
    assert not {"cls", "conn", "Values", "create_sync", "class", "Color"} & set(attributes)
    assert not {"self", "Changes", "update", "delete", "build", "Table"} & set(attributes)
    assert {"date", "time", "datetime", "timedelta"} <= set(attributes)


@pytest.mark.parametrize(
    ("text", "message", "line", "hint"),
    [
        (
            "CREATE TABLE person (id int);\nCREATE TABLE persons (id int);",
            "The class of the table persons would be named Person, which the table person already",
            2,
            'persons = "PersonRow"',
        ),
        (
            "CREATE TABLE records (id int);",
            "would be named Record, which Types.py itself already uses",
            1,
            'records = "RecordRow"',
        ),
        (
            "CREATE TYPE color AS ENUM ('red'); CREATE TABLE colors (id int);",
            "which the enum color already uses",
            1,
            'colors = "ColorRow"',
        ),
        (
            "CREATE TABLE app_users (id int);\nCREATE SCHEMA app CREATE TABLE users (id int);",
            "would be named AppUser, which the table app_users already uses",
            2,
            '"app.users" = "AppUserRow"',
        ),
    ],
)
def test_clash_of_class_names_is_an_error_with_a_hint(
    text: str, message: str, line: int, hint: str
) -> None:
    with pytest.raises(RecordClashError) as caught:
        rendered(text)
    (clash,) = caught.value.clashes
    assert message in clash.message
    assert clash.line == line
    assert hint in clash.hint


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("CREATE SCHEMA app CREATE TABLE users (id int); CREATE TABLE app_users (id int);", 1),
        ('CREATE TABLE tables (); CREATE TYPE "table" AS ENUM (); CREATE TABLE records ();', 3),
        ('CREATE TYPE color AS ENUM (); CREATE TABLE colors (); CREATE TABLE "Colors" ();', 2),
        ('CREATE TABLE "my tables" (); CREATE TABLE my_tables ();', 1),
        ('CREATE TYPE auth."table" AS ENUM (); CREATE TABLE "table" ();', 1),
        (
            "CREATE TYPE auth.row AS ENUM (); CREATE TABLE record (); CREATE TABLE auth_row ()",
            2,
        ),
    ],
)
def test_hints_of_all_clashes_resolve_them(text: str, count: int) -> None:
    text = f"CREATE SCHEMA auth; {text}"
    with pytest.raises(RecordClashError) as caught:
        rendered(text)
    lines = [clash.hint.split("[tool.jobgen.records] ")[1] for clash in caught.value.clashes]
    assert len(lines) == count
    overrides = tomllib.loads("\n".join(lines))
    types = rendered(text, overrides)
    for name in overrides.values():
        assert re.search(rf"^class {name}\b", types, re.MULTILINE)


@pytest.mark.parametrize(
    ("statements", "overrides", "classes"),
    [
        ("CREATE TABLE users ();", {}, {"AuthUser", "User", "AuthMood", "Mood"}),
        ("", {}, {"AuthUser", "AuthMood", "Mood"}),
        ("", {"users": "Account"}, {"Account", "AuthMood", "Mood"}),
        ("CREATE TABLE users ();", {"users": "U"}, {"AuthUser", "U", "AuthMood", "Mood"}),
        ("", {"auth.users": "Account"}, {"Account", "AuthMood", "Mood"}),
        ("SET search_path = auth;", {}, {"User", "Mood", "PublicMood"}),
        ("SET search_path = 'app', auth, public;", {}, {"User", "Mood", "PublicMood"}),
        (
            'CREATE SCHEMA "my-app" CREATE TABLE users ();',
            {},
            {"MyAppUser", "AuthUser", "AuthMood", "Mood"},
        ),
    ],
)
def test_class_of_a_table_or_enum_in_another_schema_has_the_schemas_name(
    statements: str, overrides: dict[str, str], classes: set[str]
) -> None:
    text = "CREATE SCHEMA auth CREATE TABLE users ();"
    text += "CREATE TYPE mood AS ENUM ('a'); CREATE TYPE auth.mood AS ENUM ('b');"
    types = rendered(f"{text}{statements}", overrides)
    assert set(re.findall(r"^class (\w+)\(", types, re.MULTILINE)) == classes


@given(st.text())
def test_quoted_text_evaluates_to_the_text(text: str) -> None:
    assert eval(quoted(text)) == text  # noqa: S307 -- a literal that the test itself rendered


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\0")), unique=True))
def test_every_enum_label_becomes_a_member(labels: list[str]) -> None:
    names = member_names(tuple(labels))
    body = "".join(f"    {n} = {quoted(v)}\n" for n, v in zip(names, labels, strict=True))
    namespace: dict[str, Any] = {}
    exec(f"from enum import Enum\nclass E(Enum):\n    'x'\n{body}", namespace)  # noqa: S102 -- a class that the test itself rendered
    assert [member.value for member in namespace["E"]] == labels


def test_job_table_derives_from_job_record_and_declares_only_its_own_columns() -> None:
    types = rendered(CHECKED)
    job = types.partition("class EmailCustomersJob(JobRecord):")[2].partition("\n\n\nclass ")[0]
    assert "    pause_: int\n" in job
    assert "\n    run_at: datetime" not in job
    assert "\n        run_at: datetime" in job
    assert read(CHECKED).find_table("email_customers_jobs") is not None


def test_no_attribute_hides_a_member_of_job_record() -> None:
    members = {name for name in dir(JobRecord) if not name.startswith("_")}
    columns = ", ".join(f"{name} int" for name in sorted(members))
    assert members >= {"fetch_all", "refresh", "refresh_sync"}
    types = rendered(f"CREATE TABLE things ({columns});")
    assert not [name for name in members if f"\n    {name}: int" in types]
