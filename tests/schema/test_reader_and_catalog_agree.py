"""Reading Schema.sql, and running it and reading the catalogs, give equal models."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

import psycopg
import pytest
from psycopg import sql

from jobgen.schema.introspect.catalog import read_catalog
from jobgen.schema.parse.reader import read_schema
from jobgen.schema.script.read import read_script

PATH = PurePosixPath("Application/Schema.sql")
CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.sql"))


def cases() -> list[tuple[str, str]]:
    """Return name and text of every case: a file has one after each line `-- case: name`."""
    found: list[tuple[str, str]] = []
    for file in CORPUS:
        for part in file.read_text().split("-- case: ")[1:]:
            name, _, text = part.partition("\n")
            found.append((f"{file.stem}: {name}", text))
    return found


CASES = cases()


@pytest.mark.parametrize("text", [text for _, text in CASES], ids=[name for name, _ in CASES])
def test_reader_and_catalog_give_equal_models(conn: psycopg.Connection[Any], text: str) -> None:
    conn.execute(read_script(text, PATH).sql.encode())
    expected = read_catalog(conn)
    actual = read_schema(text, PATH)
    for name in expected.tables.keys() | actual.tables.keys():
        assert actual.tables.get(name) == expected.tables.get(name)
    assert actual.types == expected.types
    assert actual == expected
    assert actual.others <= expected.others


def test_every_case_of_the_corpus_declares_something() -> None:
    assert len(CASES) >= 40
    for name, text in CASES:
        schema = read_schema(text, PATH)
        assert schema.tables or schema.types or "drops all" in name, name


def test_catalog_leaves_out_the_runtimes_objects(conn: psycopg.Connection[Any]) -> None:
    assert not read_catalog(conn).tables
    assert not read_catalog(conn).types


def test_catalog_leaves_out_the_table_of_djangos_tasks(conn: psycopg.Connection[Any]) -> None:
    conn.execute("CREATE TABLE django_task_jobs (id INT); CREATE TABLE task_jobs (id INT)")
    assert [name.name for name in read_catalog(conn).tables] == ["task_jobs"]


def test_catalog_leaves_out_temporary_tables(conn: psycopg.Connection[Any]) -> None:
    conn.execute("CREATE TEMPORARY TABLE seen (id int)")
    assert not read_catalog(conn).tables


def test_catalog_leaves_out_objects_of_extensions(conn: psycopg.Connection[Any]) -> None:
    available = conn.execute(
        "SELECT name FROM pg_available_extensions WHERE name IN ('hstore', 'citext', 'ltree')"
    ).fetchall()
    assert available
    for (name,) in available:
        conn.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(name)))
    assert not read_catalog(conn).types
