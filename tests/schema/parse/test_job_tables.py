"""Generated job tables are recognised without parsing and read as if they were parsed."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from jobgen.columns.arguments import parse_columns
from jobgen.job_block.context import block_context
from jobgen.naming import parse_job_name
from jobgen.render import load_template
from jobgen.schema.errors import SchemaError
from jobgen.schema.model import Schema
from jobgen.schema.parse.job_tables import blank_job_blocks
from jobgen.schema.parse.reader import read_schema

PATH = PurePosixPath("Schema.sql")


def block(name: str, columns: tuple[str, ...] = ()) -> str:
    data = block_context(parse_job_name(name), parse_columns(columns, Schema()), Schema())
    (content,) = load_template("schema").render(data).values()
    return content.decode()


def unrecognised(text: str) -> str:
    """Return the same SQL in a form that is not recognised, so that it is parsed."""
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
def test_recognised_job_tables_are_read_as_if_they_were_parsed(
    newline: str, surroundings: str, columns: tuple[str, ...]
) -> None:
    both = block("EmailCustomers", columns) + block("CleanUp", columns)
    text = surroundings.format(both).replace("\n", newline)
    blanked = blank_job_blocks(text)
    assert len(blanked.job_tables) == 2
    assert "TRIGGER" not in blanked.sql
    recognised, parsed = read_schema(text, PATH), read_schema(unrecognised(text), PATH)
    assert recognised == parsed
    lines = [table.line for table in recognised.tables.values()]
    assert lines == [table.line for table in parsed.tables.values()]


def test_blanked_triggers_keep_the_lines_after_them() -> None:
    text = block("EmailCustomers") + "CREATE TABEL x ();\n"
    with pytest.raises(SchemaError) as caught:
        read_schema(text, PATH)
    assert caught.value.line == text.count("\n")


def test_invalid_trigger_is_refused() -> None:
    text = block("EmailCustomers").replace("FOR EACH ROW", "FOR EACH ROWS")
    with pytest.raises(SchemaError):
        read_schema(text, PATH)
