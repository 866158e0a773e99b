"""Every column argument is refused by name, or gives SQL that loads and records that compile."""

from __future__ import annotations

import contextlib
import re
from pathlib import PurePosixPath
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jobgen.columns.argument_text import ColumnParts, write_column
from jobgen.columns.arguments import NewColumn, parse_column
from jobgen.columns.types import TYPE_OF_WORD
from jobgen.errors import UsageError
from jobgen.job_block.edit import append_block
from jobgen.job_block.find import find_block
from jobgen.job_block.render import render_block
from jobgen.naming import parse_job_name
from jobgen.render import load_template
from jobgen.schema.model import QualifiedName
from jobgen.schema.parse.reader import read_schema
from jobgen.types_file import render_types

PATH = PurePosixPath("Schema.sql")
TEXT = """
CREATE SCHEMA app;
CREATE TYPE color AS ENUM ('red', 'it''s', 'null');
CREATE TYPE app."Mood" AS ENUM ('good');
CREATE DOMAIN code AS varchar(5);
CREATE DOMAIN counted AS int DEFAULT 5 NOT NULL;
CREATE DOMAIN required AS int NOT NULL;
CREATE DOMAIN ids AS int[];
CREATE TYPE span AS RANGE (subtype = numeric);
CREATE TYPE pair AS (number required, name code);
CREATE TABLE bands (id uuid PRIMARY KEY);
CREATE TABLE app.bands (id required PRIMARY KEY);
CREATE TABLE "order" ("Key" code PRIMARY KEY);
"""
SCHEMA = read_schema(TEXT, PATH)
TEMPLATE = load_template("schema")
JOB = parse_job_name("Probe")

OTHER_TYPES = [
    *("numeric(4,1)", "varchar(3)", "char(2)", "bit(3)", "bit varying(3)", "time(0)", "float(24)"),
    *("timestamptz(3)", "timestamp(3) with time zone", "interval day to second(3)", '"char"'),
    *(
        "color",
        "app.Mood",
        'app."Mood"',
        "code",
        "counted",
        "required",
        "ids",
        "span",
        "int array",
        "pair",
    ),
    *(
        "references",
        "vector(3)",
        "serial",
        "record",
        "int(3)",
        "varchar(0)",
        "text)",
        'te"xt',
        "a b",
    ),
]
VALUES = [
    *(
        "0",
        "-1",
        "40000",
        "99999999999",
        "1.5",
        "1e400",
        "NaN",
        "infinity",
        "true",
        "maybe",
        "abcd",
    ),
    *(
        "today",
        "now",
        "now()",
        "2020-02-29",
        "2020-02-30",
        "2020-02-29 10:00+02",
        "23:59:59.9999999",
    ),
    *("10:00", "24:00", "1 day 2 hours", "1 day 1 day", "P1DT2H", "null", "", "'it''s'", "it's"),
    *("{}", "{1,2}", '{"a,b",null}', "{{1},{2,3}}", "1,2", "[1,5)", "[5,1]", "(,]", "empty"),
    *("[1,2147483647]", "{[1,2),[5,6]}", '{"a":1}', '{"a":NaN}', '"\\u0000"', "10.0.0.1/8", "::1"),
    *(
        "101",
        "(0,1)",
        "(,)",
        '("1","a")',
        "\\x00ff",
        "\\x0",
        "c:\\new",
        "a\nb\r",
        "{{ 7*7 }}",
        "red",
        "good",
        "$",
        "/",
    ),
    *("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "gen_random_uuid()", "08:00:2b:01:02:03", "12.50"),
    *("bands", "app.bands", "order", "probe_jobs", "bands?", "nothing"),
]
words = st.sampled_from([*TYPE_OF_WORD, *OTHER_TYPES])
types = st.builds("".join, st.tuples(words, st.sampled_from(["", "", "", "[]", "[][]", "[3]"])))
values = st.one_of(
    st.sampled_from(VALUES),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6),
    st.builds(str, st.integers() | st.decimals() | st.dates() | st.times() | st.datetimes()),
)
arguments = st.builds(
    "{}:{}{}{}{}".format,
    st.sampled_from(["a", "band", "order", "Bad", "parent_id", "", "id"]),
    types | st.text(max_size=4),
    st.sampled_from(["", "", "?"]),
    st.sampled_from(["", "", "", ":unique", ":index", ":what"]),
    st.just("") | st.builds("={}".format, values),
)


def accepted(argument: str) -> NewColumn | None:
    """Return the column; None if it is refused with a message that names the argument."""
    try:
        return parse_column(argument, SCHEMA, own_table=JOB.table)
    except UsageError as error:
        refusal = error
    assert repr(argument) in refusal.message
    assert refusal.hint != ""
    return None


@pytest.fixture
def database(conn: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    conn.execute(TEXT.encode())
    return conn


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given=st.lists(arguments, min_size=6, max_size=12))
@example(given=[f"a:{word}?" for word in [*TYPE_OF_WORD, *OTHER_TYPES]])
@example(given=[f"a:{word}=1" for word in [*TYPE_OF_WORD, *OTHER_TYPES]])
@example(given=[f"a:{word}[]={{1}}" for word in [*TYPE_OF_WORD, *OTHER_TYPES]])
@example(given=[f"a:text={value}" for value in VALUES])
def test_column_is_refused_by_name_or_loads_and_compiles(
    database: psycopg.Connection[Any], given: list[str]
) -> None:
    numbered = [re.sub(r"^a(?=:)", f"a{number}", each) for number, each in enumerate(given)]
    columns = {each.name: each for each in map(accepted, numbered) if each}
    block = render_block(TEMPLATE, JOB, tuple(columns.values()), SCHEMA)
    content, schema = append_block(TEXT.encode(), block, SCHEMA, read_schema, PATH)
    assert find_block(content.decode(), JOB, TEMPLATE, schema) == block
    compile(render_types(schema, overrides={}, schema_path="Schema.sql"), "Types.py", "exec")
    table = schema.tables[QualifiedName("public", JOB.table)]
    for column in columns.values():
        found = table.column(column.name)
        assert found is not None
        assert (found.type, found.not_null) == (column.type, column.not_null)
    with database.transaction(force_rollback=True):
        database.execute(block.encode())
        # Defaults are evaluated before the missing values of other columns are noticed.
        with contextlib.suppress(psycopg.errors.NotNullViolation):
            database.execute("INSERT INTO probe_jobs DEFAULT VALUES")


@given(
    parts=st.builds(
        ColumnParts,
        name=st.sampled_from(["a", "b_id", "Bad", "a:b", "a=b", ""]),
        type=types | st.text(max_size=5),
        nullable=st.booleans(),
        default=values,
        unique=st.booleans(),
        index=st.booleans(),
    )
)
@example(parts=ColumnParts("a", 'x:y"', default="1"))
def test_argument_of_given_parts_is_read_as_these_parts(parts: ColumnParts) -> None:
    """What a form gives apart is never taken for another part on the command line."""
    try:
        argument = write_column(parts)
    except UsageError:
        return
    assert argument.startswith(f"{parts.name}:{parts.type}")
    column = accepted(argument)
    if column is None:
        return
    assert column.name == parts.name
    assert column.not_null != parts.nullable
    assert column.unique == parts.unique
    assert (column.default is not None) == bool(parts.default)
    assert (column.index_reason is not None) == (parts.index and not parts.unique)
