"""The block that `jobgen job` appends to Schema.sql."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import psycopg
import pytest
from jobgen_runtime import sql as statements
from jobgen_runtime.job_table.names import object_name
from jobgen_runtime.job_table.unique import UNIQUE_WHILE
from psycopg import sql

from jobgen.columns.arguments import NewColumn, parse_columns
from jobgen.job_block.context import block_context, taken_names
from jobgen.job_block.recognise import is_job_table
from jobgen.job_block.unique import UniqueJob
from jobgen.naming import JobName, parse_job_name
from jobgen.render import load_template
from jobgen.schema.introspect.catalog import read_catalog
from jobgen.schema.model import QualifiedName, Schema
from jobgen.schema.parse.reader import read_schema

NAME = parse_job_name("EmailCustomers")
LONGEST = parse_job_name("A" + "b" * 57)
TABLE = """\
CREATE TABLE email_customers_jobs (
    id UUID DEFAULT uuidv7() PRIMARY KEY NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,
    status JOB_STATUS DEFAULT 'job_status_not_started' NOT NULL,
    last_error TEXT DEFAULT NULL,
    attempts_count INT DEFAULT 0 NOT NULL,
    locked_at TIMESTAMP WITH TIME ZONE DEFAULT NULL,
    locked_by UUID DEFAULT NULL,
    run_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL
);
"""
BANDS = "CREATE TABLE bands (id uuid PRIMARY KEY);\n"


def read(text: str) -> Schema:
    return read_schema(text, PurePosixPath("Schema.sql"))


def block(name: JobName, columns: tuple[NewColumn, ...] = (), schema: Schema | None = None) -> str:
    rendered = load_template("schema").render(block_context(name, columns, schema))
    (content,) = rendered.values()
    return content.decode()


def test_block_begins_with_the_documented_table() -> None:
    assert block(NAME).startswith(TABLE)
    assert block(NAME).endswith(";\n")


def test_every_index_and_trigger_follows_a_comment_with_its_reason() -> None:
    lines = block(NAME, parse_columns(["band:references"], read(BANDS))).splitlines()
    created = [
        n for n, line in enumerate(lines) if line.startswith(("CREATE INDEX", "CREATE TRIGGER"))
    ]
    assert len(created) == 6
    assert all(lines[n - 1].startswith("-- ") and lines[n - 1].endswith(".") for n in created)


@pytest.mark.parametrize("name", [NAME, LONGEST, parse_job_name("GenerateURLs")])
def test_server_and_reader_agree_on_the_block(conn: psycopg.Connection[Any], name: JobName) -> None:
    columns = parse_columns(
        ["band:references?", "order:int=3", "tags:text[]?", "email:str:unique"], read(BANDS)
    )
    text = BANDS + block(name, columns)
    conn.execute(text.encode())
    assert read_catalog(conn) == read(text)
    table = read(text).tables[QualifiedName("public", name.table)]
    assert is_job_table(table)
    assert [column.name for column in table.columns[9:]] == ["band_id", "order", "tags", "email"]
    assert read(text).others <= read_catalog(conn).others
    insert = sql.SQL("INSERT INTO {} (email) VALUES ('a'), ('b')")
    conn.execute(insert.format(sql.Identifier(name.table)))


@pytest.mark.parametrize("duration", UNIQUE_WHILE)
@pytest.mark.parametrize("name", [NAME, LONGEST])
def test_server_and_reader_agree_on_the_unique_index(
    conn: psycopg.Connection[Any], name: JobName, duration: str
) -> None:
    columns = parse_columns(["band:references", "order:int=3"], read(BANDS))
    unique = UniqueJob(("band_id", "order"), duration)
    (content,) = load_template("schema").render(block_context(name, columns, None, unique)).values()
    text = BANDS + content.decode()
    conn.execute(text.encode())
    assert read_catalog(conn) == read(text)
    (index,) = read(text).tables[QualifiedName("public", name.table)].unique_indexes
    assert unique.is_made_by(index)
    assert index.name == unique.index_name(name.table)
    assert len(index.name) <= 63
    assert taken_names(name, columns, read(text), unique)[-1] == index.name
    # A unique index over all jobs finds the jobs of a band, too.
    assert (f"CREATE INDEX {name.table[:40]}" in text) is True
    assert text.count("CREATE INDEX") == (3 if duration == "always" else 4)


def test_index_names_of_a_long_table_name_are_shortened_and_differ() -> None:
    assert len(LONGEST.table) == 63
    names = {name.name for name in read(block(LONGEST)).others}
    assert len(names) == 3
    assert all(len(name) == 63 for name in names)


def test_taken_names_are_those_of_existing_relations() -> None:
    claim = object_name(LONGEST.table, "claim")
    schema = read(f'CREATE TABLE a (id int); CREATE INDEX "{claim}" ON a (id);')
    assert taken_names(LONGEST, (), schema) == (claim,)
    assert taken_names(NAME, (), schema) == ()
    view = read("CREATE VIEW email_customers_jobs AS SELECT 1;")
    assert taken_names(NAME, (), view) == ("email_customers_jobs",)


def test_block_sets_the_search_path_that_a_dump_emptied(
    conn: psycopg.Connection[Any],
) -> None:
    dump = "SELECT pg_catalog.set_config('search_path', '', false);\n"
    text = dump + block(NAME, (), read(dump))
    conn.execute(text.encode())
    assert QualifiedName("public", NAME.table) in read_catalog(conn).tables
    assert read(text).tables == read_catalog(conn).tables


@pytest.mark.parametrize(
    ("statement", "notifications"),
    [
        ("INSERT INTO email_customers_jobs SELECT FROM generate_series(1, 1000)", 1),
        ("UPDATE email_customers_jobs SET status = 'job_status_running'", 0),
        ("UPDATE email_customers_jobs SET status = 'job_status_succeeded'", 0),
        ("UPDATE email_customers_jobs SET run_at = run_at + INTERVAL '1 h'", 0),
        ("UPDATE email_customers_jobs SET run_at = run_at - INTERVAL '1 h' WHERE note = 'a'", 1),
        ("UPDATE email_customers_jobs SET status = 'job_status_retry' WHERE note = 'done'", 1),
    ],
)
def test_triggers_notify_only_when_a_job_becomes_due_earlier(
    runtime_database: str, statement: str, notifications: int
) -> None:
    with (
        psycopg.connect(runtime_database, autocommit=True) as conn,
        psycopg.connect(runtime_database, autocommit=True) as worker,
    ):
        note = parse_columns(["note:text?"], Schema())
        conn.execute(block(NAME, note).encode())
        worker.execute(
            statements.read("enable_wakeups").encode(), {"tables": ["email_customers_jobs"]}
        )
        try:
            conn.execute(
                "INSERT INTO email_customers_jobs (note, status) VALUES"
                " ('a', 'job_status_not_started'), ('done', 'job_status_failed')"
            )
            conn.execute("LISTEN job_workers")
            conn.execute(statement.encode())
            assert len(list(conn.notifies(timeout=0))) == notifications
        finally:
            conn.execute("DROP TABLE email_customers_jobs")
