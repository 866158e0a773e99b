"""Finds a job's block in Schema.sql and checks that it is still as generated."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.job_table.names import object_name
from jobgen_runtime.job_table.unique import UNIQUE_WHILE

from jobgen.columns.arguments import NewColumn, parse_column
from jobgen.columns.defaults import typed_default
from jobgen.errors import UsageError
from jobgen.job_block.render import render_block
from jobgen.job_block.unique import UniqueJob
from jobgen.naming import JobName, quote_identifier
from jobgen.render import Template
from jobgen.schema.model import Schema

_LINE = re.compile(
    r"""
    (?P<name>"[^"]+"|\w+) \s (?P<type>.+?)
    (?: \s DEFAULT \s (?P<default>.+?))?
    (?P<required> \s NOT \s NULL)?
    (?P<unique> \s UNIQUE)?
    (?: \s REFERENCES \s (?P<table>.+?) \s \(.*)?
    """,
    re.VERBOSE,
)


def find_block(text: str, name: JobName, template: Template, schema: Schema) -> str | None:
    """Return the job's block in `text`, or None if it is missing or was edited.

    The job's own columns and unique index may be any that `jobgen job` can write. The block is
    returned with line feeds as line endings.
    """
    text = text.replace("\r\n", "\n")
    start = text.find(f"CREATE TABLE {quote_identifier(name.table)} (\n")
    if start < 0:
        return None
    body = text[text.index("\n", start) + 1 : text.find("\n);", start)]
    columns: list[NewColumn] = []
    for line in body.split("\n")[len(JOB_COLUMNS) :]:
        column = generated_column(line.strip().removesuffix(","), name, text, schema)
        if column is None:
            return None
        columns.append(column)
    # The longer form first: with SET search_path, as it is written after the output of pg_dump.
    for surroundings in (Schema(search_path=()), schema):
        for unique in (*_unique_jobs(text, name), None):
            block = render_block(template, name, tuple(columns), surroundings, unique)
            if block in text:
                return block
    return None


def lines_about(text: str, table: str) -> list[int]:
    """Return the numbers, from 1, of the lines that mention the table outside of comments."""
    word = re.compile(rf"(?<![\w$]){re.escape(table)}(?![\w$])")
    lines = enumerate(text.split("\n"), 1)
    return [number for number, line in lines if word.search(line.partition("--")[0])]


def _unique_jobs(text: str, name: JobName) -> Iterator[UniqueJob]:
    """Yield what the unique indexes of the job's table in `text` make unique."""
    on = re.escape(quote_identifier(name.table))
    for match in re.finditer(rf"^CREATE UNIQUE INDEX .+ ON {on} \((.+?)\)", text, re.MULTILINE):
        columns = tuple(column.strip('"') for column in match[1].split(", "))
        yield from (UniqueJob(columns, duration) for duration in UNIQUE_WHILE)


def generated_column(line: str, name: JobName, text: str, schema: Schema) -> NewColumn | None:
    """Return the column of the command line that is rendered as `line`, or None.

    `text`: where the statement of its index is looked for.
    """
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    column = match["name"].strip('"')
    nullable = "" if match["required"] else "?"
    unique = ":unique" if match["unique"] else ""
    if match["table"]:
        argument = f"{column.removesuffix('_id')}:references{nullable}{unique}={match['table']}"
    else:
        index = quote_identifier(object_name(name.table, f"{column}_index"))
        indexed = ":index" if f"CREATE INDEX {index} ON" in text else ""
        default = match["default"]
        value = "" if default in {None, "NULL"} else f"={typed_default(default)}"
        argument = f"{column}:{match['type']}{nullable}{unique}{indexed}{value}"
    try:
        found = parse_column(argument, schema, own_table=name.table)
    except UsageError:
        return None
    return found if found.sql == line else None
