"""SQL statements as literals of Python."""

from __future__ import annotations

import textwrap


def sql_literal(statement: str, indent: int) -> str:
    """Return a statement as a string literal, whose further lines are indented by `indent`."""
    is_short = "\n" not in statement and len(statement) <= 88 - indent
    if is_short and not set(statement) & {'"', "\\"}:
        return f'"{statement}"'
    quotes = "'''" if '"""' in statement or statement.endswith('"') else '"""'
    if "\\" in statement or quotes in statement:
        statement = statement.replace("\\", "\\\\").replace(quotes, "\\" + quotes)
    margin = " " * indent
    if _may_be_indented(statement):
        statement = textwrap.indent(statement, margin + "    ")
    return f"{quotes}\n{statement}\n{margin}{quotes}"


def _may_be_indented(statement: str) -> bool:
    """Return whether no text constant goes on in a further line, where spaces would count."""
    return "$" not in statement and all(
        line.partition("--")[0].count("'") % 2 == 0 for line in statement.splitlines()
    )
