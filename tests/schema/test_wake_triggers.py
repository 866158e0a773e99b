"""A job's own triggers are passed over unparsed; what only looks like one is not."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from jobgen.naming import parse_job_name
from jobgen.render import load_template
from jobgen.schema import reader
from jobgen.schema.block import context
from jobgen.schema.errors import SchemaError
from jobgen.schema.model import Schema
from jobgen.schema.reader import read_schema

PATH = PurePosixPath("Schema.sql")


def block(name: str, newline: str = "\n") -> str:
    data = context(parse_job_name(name), (), Schema())
    (content,) = load_template("schema").render(data).values()
    return content.decode().replace("\n", newline)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_both_triggers_of_a_generated_block_are_passed_over(newline: str) -> None:
    text = block("EmailCustomers", newline)
    assert len(reader._WAKE_TRIGGER.findall(text)) == 2
    schema = read_schema(text, PATH)
    assert schema.find_table("email_customers_jobs") is not None
    assert schema.is_taken("email_customers_jobs_claim")


def test_lines_after_a_trigger_stay_where_they_are() -> None:
    text = block("EmailCustomers") + "CREATE TABEL x ();\n"
    with pytest.raises(SchemaError) as caught:
        read_schema(text, PATH)
    assert caught.value.line == text.count("\n")


def test_a_trigger_that_is_wrong_is_still_wrong() -> None:
    text = block("EmailCustomers").replace("FOR EACH ROW", "FOR EACH ROWS")
    with pytest.raises(SchemaError):
        read_schema(text, PATH)
