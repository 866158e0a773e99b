"""Names of tables and columns are never in the way of the runtime's statements."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import jobgen_runtime.sql
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jobgen_runtime import JobRecord, Table
from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.preflight import fixes, unique_index
from jobgen_runtime.sql import read
from psycopg import sql

from tests.support.odd_names import check_everything
from tests.support.schema import job_columns

FOLDER = Path(jobgen_runtime.sql.__file__).parent
SYSTEM_COLUMNS = {"tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"}
STATEMENTS = {file.stem: file.read_text() for file in FOLDER.glob("*.sql")}
ABOUT_JOB_TABLES = {
    name for name, text in STATEMENTS.items() if re.search(r"\{(table|regclass|columns)\}", text)
}
WORDS = sorted(
    {word for name in ABOUT_JOB_TABLES for word in re.findall(r"[a-z_]+", STATEMENTS[name])}
    - set(JOB_COLUMNS)
    - SYSTEM_COLUMNS
)
"""Every word of the statements: aliases, columns of other tables, functions, placeholders."""

ODD_PIECES = [
    *("%", "%%", "%s", "%(id)s", "%(worker)s", "{", "}", "{}", "{table}", "{0}", "$1", '"', "'"),
    *("\\", ";", "--", "/*", " ", "\n", ".", ",", "(", ")", "::", "é", "🎉", "A", "job", "select"),
]
odd_names = (
    st.lists(st.sampled_from(ODD_PIECES) | st.text(st.characters(codec="utf-8"), max_size=3))
    .map("".join)
    .filter(lambda name: name.strip("\0") == name and "\0" not in name and name)
    .filter(lambda name: len(name.encode()) <= 50 and name not in {*JOB_COLUMNS, *SYSTEM_COLUMNS})
)


def run_every_statement(url: str, schema: str | None, name: str, columns: Sequence[str]) -> None:
    """Create a job table with these columns, run every statement about it, and drop it."""
    table = Table(
        name,
        schema=schema,
        columns=(*JOB_COLUMNS, *columns),
        key=("id",),
        attributes={column: f"attribute_{n}" for n, column in enumerate(columns)},
    )
    record = type("OddJob", (JobRecord,), {"__table__": table})
    definitions = [sql.SQL("{} INT").format(sql.Identifier(column)) for column in columns]
    create = sql.SQL("CREATE TABLE {} ({}, {})").format(
        table.identifier,
        sql.SQL(job_columns()),
        sql.SQL(", ").join(definitions),
    )

    async def run() -> None:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
            with psycopg.connect(url, autocommit=True) as sync:
                if schema:
                    sync.execute(
                        sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema))
                    )
                sync.execute(create)
                try:
                    await check_everything(conn, sync, record)
                finally:
                    sync.execute(sql.SQL("DROP TABLE {}").format(table.identifier))

    asyncio.run(run())


def test_columns_may_be_called_like_any_word_of_the_statements(
    runtime_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = set()

    def reading(name: str) -> str:
        used.add(name)
        return read(name)

    for module in (sys.modules["jobgen_runtime.table.compose"], fixes, unique_index):
        monkeypatch.setattr(module, "read", reading)
    run_every_statement(runtime_database, None, "job", WORDS)
    assert ABOUT_JOB_TABLES - used == {"admit_all_rows"}, "statements that no check runs"


@settings(max_examples=15)
@given(
    name=odd_names,
    schema=st.none() | odd_names.map(lambda name: f"s{name}"),
    columns=st.lists(odd_names, min_size=1, max_size=4, unique=True),
)
def test_tables_and_columns_may_have_any_name(
    runtime_database: str, name: str, schema: str | None, columns: list[str]
) -> None:
    run_every_statement(runtime_database, schema, f"{name}_jobs", columns)
