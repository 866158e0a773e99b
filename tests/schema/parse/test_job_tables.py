"""Generated blocks are known without being parsed, and are read as if they were."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from jobgen.columns.arguments import parse_columns
from jobgen.job_block.context import context
from jobgen.naming import parse_job_name
from jobgen.render import load_template
from jobgen.schema.errors import SchemaError
from jobgen.schema.model import Schema
from jobgen.schema.parse.job_tables import blank_job_blocks
from jobgen.schema.parse.reader import read_schema

PATH = PurePosixPath("Schema.sql")


def block(name: str, columns: tuple[str, ...] = ()) -> str:
    data = context(parse_job_name(name), parse_columns(columns, Schema()), Schema())
    (content,) = load_template("schema").render(data).values()
    return content.decode()


def parsed(text: str) -> str:
    """The same text, so written that it is parsed like any other."""
    return text.replace("CREATE TABLE ", "CREATE  TABLE ").replace("TRIGGER ", " TRIGGER ")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "surroundings",
    [
        "{}",
        "-- Grüße\nCREATE TABLE bands (id INT);\n{}",
        "SET search_path = music;\n{}",
        "{}ALTER TABLE email_customers_jobs ADD COLUMN more INT NOT NULL;\n",
        "{}ALTER TABLE email_customers_jobs DROP COLUMN last_error;\n",
        "{}DROP TABLE email_customers_jobs;\n",
        "{}ALTER TABLE email_customers_jobs RENAME TO mail_jobs;\n",
        "CREATE TYPE job_status AS ENUM ('mine');\n{}",
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$\n{}$$;\n",
        "/*\n{}*/\n",
    ],
)
@pytest.mark.parametrize("columns", [(), ("note:text?", "tags:text[]")])
def test_they_are_read_as_if_they_were_parsed(
    newline: str, surroundings: str, columns: tuple[str, ...]
) -> None:
    both = block("EmailCustomers", columns) + block("CleanUp", columns)
    text = surroundings.format(both).replace("\n", newline)
    blanked = blank_job_blocks(text)
    assert len(blanked.tables) == 2
    assert "TRIGGER" not in blanked.sql
    known, plain = read_schema(text, PATH), read_schema(parsed(text), PATH)
    assert known == plain
    lines = [table.line for table in known.tables.values()]
    assert lines == [table.line for table in plain.tables.values()]


def test_lines_after_a_trigger_stay_where_they_are() -> None:
    text = block("EmailCustomers") + "CREATE TABEL x ();\n"
    with pytest.raises(SchemaError) as caught:
        read_schema(text, PATH)
    assert caught.value.line == text.count("\n")


def test_a_trigger_that_is_wrong_is_still_wrong() -> None:
    text = block("EmailCustomers").replace("FOR EACH ROW", "FOR EACH ROWS")
    with pytest.raises(SchemaError):
        read_schema(text, PATH)
