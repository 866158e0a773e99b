"""A job's block is found in Schema.sql as long as it is as generated."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from jobgen_runtime.job_table.unique import UNIQUE_WHILE

from jobgen.columns.arguments import parse_columns
from jobgen.job_block.find import find_block, lines_about
from jobgen.job_block.render import render_block
from jobgen.job_block.unique import UniqueJob
from jobgen.naming import parse_job_name
from jobgen.render import load_template
from jobgen.schema.model import Schema
from jobgen.schema.parse.reader import read_schema

NAME = parse_job_name("EmailCustomers")
TEMPLATE = load_template("schema")
BEFORE = """\
CREATE TYPE color AS ENUM ('red', 'it''s');
CREATE TABLE bands (id uuid PRIMARY KEY);
"""


def read(text: str) -> Schema:
    return read_schema(text, PurePosixPath("Schema.sql"))


def block(*columns: str, unique: UniqueJob | None = None) -> str:
    schema = read(BEFORE)
    return render_block(TEMPLATE, NAME, parse_columns(columns, schema), schema, unique)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "columns",
    [
        (),
        ("pages:int=5", "note:text?", "done:bool:unique=no"),
        ("band:references", "other:references=bands?"),
        ("order:int:index", "code:varchar(20):unique", "tags:text[]?", "color:color=it's"),
    ],
)
def test_block_is_found_with_any_columns_of_the_command_line(
    columns: tuple[str, ...], newline: str
) -> None:
    generated = block(*columns)
    text = (BEFORE + generated + "CREATE TABLE after ();\n").replace("\n", newline)
    assert find_block(text, NAME, TEMPLATE, read(text)) == generated


@pytest.mark.parametrize("duration", UNIQUE_WHILE)
def test_block_is_found_with_its_unique_index(duration: str) -> None:
    unique = UniqueJob(("band_id", "order"), duration)
    generated = block("band:references", "order:int", unique=unique)
    others = "CREATE UNIQUE INDEX mine ON email_customers_jobs (band_id);\n"
    text = BEFORE + generated + others
    assert find_block(text, NAME, TEMPLATE, read(text)) == generated
    edited = text.replace('(band_id, "order")', '(band_id, "order") NULLS NOT DISTINCT')
    assert find_block(edited, NAME, TEMPLATE, read(edited)) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("email_customers_jobs (", "other_jobs ("),
        ("last_error TEXT", "last_error VARCHAR"),
        ("INT DEFAULT 5 NOT NULL", "INT DEFAULT 5 NOT NULL CHECK (pages > 0)"),
        ("FOR EACH STATEMENT", "FOR EACH ROW"),
        ("-- Workers claim", "-- They claim"),
    ],
    ids=["table", "job column", "own column", "trigger", "comment"],
)
def test_edited_block_is_not_found(old: str, new: str) -> None:
    generated = block("pages:int=5")
    assert old in generated
    text = BEFORE + generated.replace(old, new, 1)
    assert find_block(text, NAME, TEMPLATE, read(text)) is None


def test_lines_about_a_table_are_those_that_name_it_outside_of_comments() -> None:
    text = "-- a_jobs\nCREATE TABLE a_jobs ();\nCREATE TABLE a_jobs_2 (); -- a_jobs\nTABLE a_jobs;"
    assert lines_about(text, "a_jobs") == [2, 4]
