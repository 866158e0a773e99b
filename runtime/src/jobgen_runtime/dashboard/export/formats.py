"""Jobs as lines of CSV or NDJSON. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from jobgen_runtime.dashboard.access.redaction import REDACTED
from jobgen_runtime.dashboard.database.discovery import Column
from jobgen_runtime.dashboard.jobs.job_view import Redacted, Unreadable, Value
from jobgen_runtime.dashboard.lists.filters import NUMBERS, is_number

FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001 -- spreadsheets take these for formulas, too
"""What a spreadsheet takes a cell for a formula by (OWASP, CSV Injection)."""

QUOTED = re.compile(r'[",\r\n]')
JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
CUT = "…"

Line = Callable[[Sequence[tuple[Column, Value]]], str]


@dataclass(frozen=True)
class Format:
    """A format of exports."""

    label: str
    extension: str
    media_type: str
    line: Line
    """Return a job as a line of the file."""

    head: Callable[[Iterable[Column]], str]
    """Return what the file begins with."""


def shown_text(value: Value) -> str | None:
    """Return a value as text, or what stands for it; None for NULL."""
    if isinstance(value, Redacted):
        return REDACTED
    if isinstance(value, Unreadable):
        return f"cannot be computed: {value.reason}"
    return value


def csv_line(job: Sequence[tuple[Column, Value]]) -> str:
    """Return a job as a line of CSV (RFC 4180).

    As PostgreSQL's COPY writes them, NULL is an empty cell and an empty text is quoted. A text that
    a spreadsheet would take for a formula begins with an apostrophe.
    """
    return _csv_row(_csv_cell(shown_text(value), is_number(column)) for column, value in job)


def csv_head(columns: Iterable[Column]) -> str:
    """Return the names of the columns as a line of CSV."""
    return _csv_row(_csv_cell(column.name, is_number=False) for column in columns)


def json_line(job: Sequence[tuple[Column, Value]]) -> str:
    """Return a job as a line of NDJSON: an object with numbers, booleans and JSON as they are."""
    members = (f"{json.dumps(column.name)}: {_json(column, value)}" for column, value in job)
    return "{" + ", ".join(members) + "}\n"


def _csv_row(cells: Iterable[str]) -> str:
    return ",".join(cells) + "\r\n"


def _csv_cell(text: str | None, is_number: bool) -> str:
    if text is None:
        return ""
    if not is_number and text.startswith(FORMULA_STARTS):
        text = f"'{text}"
    if text and not QUOTED.search(text):
        return text
    return '"' + text.replace('"', '""') + '"'


def _json(column: Column, value: Value) -> str:
    text = shown_text(value)
    if text is None:
        return "null"
    if isinstance(value, str) and not text.endswith(CUT):
        if column.base == "bool":
            return text
        if column.base in NUMBERS and JSON_NUMBER.fullmatch(text):
            return text
        if column.base in {"json", "jsonb"}:
            # Between its tokens, json keeps the lines that it was written with.
            return text.replace("\r", " ").replace("\n", " ")
    return json.dumps(text, ensure_ascii=False)


FORMATS = {
    "csv": Format("CSV", "csv", "text/csv; charset=utf-8", csv_line, csv_head),
    "ndjson": Format("NDJSON", "ndjson", "application/x-ndjson", json_line, lambda _columns: ""),
}
"""The formats, by the parameter `format`."""
