"""The plainest files, edited as text: where each edit is one insertion, LibCST is not loaded.

Importing LibCST takes longer than all else that a generator does, and most files are such as
jobgen wrote them itself. What is done here is what `edit.add` does, to the byte (a property
test holds the two equal); whatever is not plain is left to it.
"""

from __future__ import annotations

import ast
import re

from jobgen.registration.analysis import ListLocation
from jobgen.registration.import_order import ImportLine, import_position
from jobgen.registration.names import ListEntry

IMPORT_LENGTH = 88
LINE_LENGTH = 100
_NAME = r"\*?[A-Za-z_][A-Za-z0-9_]*"
_ONE_LINE = re.compile(rf"\[(?:{_NAME}(?:, {_NAME})*)?\]")
_LINE_EACH = re.compile(rf"\[\n(?P<indent> +){_NAME},\n(?:(?P=indent){_NAME},\n)* *\]")

Insertion = tuple[int, str]
"""Where in the text something is put in, and what."""


def add_as_text(
    source: bytes,
    tree: ast.Module,
    location: ListLocation,
    *,
    entry: ListEntry | None,
    name: str,
    element: str | None,
) -> bytes | None:
    """What `edit.add` returns, without LibCST; None where the file is not plain enough."""
    if not source.isascii() or b"\r" in source or b"\f" in source:
        return None
    text = source.decode()
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    insertions: list[Insertion | None] = []
    if element is not None:
        insertions.append(_in_list(text, starts, location.node, element))
    if entry is not None:
        insertions.append(
            _in_imports(text, starts, tree.body[: location.statement + 1], entry, name)
        )
    for insertion in sorted(filter(None, insertions), reverse=True):
        position, added = insertion
        text = text[:position] + added + text[position:]
    return None if None in insertions else text.encode()


def _in_list(text: str, starts: list[int], node: ast.List, element: str) -> Insertion | None:
    """The element at the end of a list of plain names, on one line or with a line for each."""
    if node.end_lineno is None or node.end_col_offset is None:
        return None
    start = starts[node.lineno - 1] + node.col_offset
    end = starts[node.end_lineno - 1] + node.end_col_offset
    layout = text[start:end]
    if _ONE_LINE.fullmatch(layout):
        added = f", {element}" if node.elts else element
        length = starts[node.lineno] - starts[node.lineno - 1] - 1
        too_long = length <= LINE_LENGTH < length + len(added)
        return None if too_long else (end - 1, added)
    match = _LINE_EACH.fullmatch(layout)
    return (starts[node.end_lineno - 1], f"{match['indent']}{element},\n") if match else None


def _in_imports(
    text: str, starts: list[int], statements: list[ast.stmt], entry: ListEntry, name: str
) -> Insertion | None:
    """The import on a line of its own beside another; `statements` end with the list's."""
    lines = text.split("\n")
    found: list[ImportLine | None] = []
    previous: ast.stmt | None = None
    for statement in statements:
        if previous is not None and _end(previous) >= statement.lineno:
            return None
        if isinstance(statement, ast.ImportFrom) and _takes_more(statement, entry, name):
            return None
        after = None if previous is None else lines[_end(previous)]
        first = not found or found[-1] is None
        found.append(_import_line(statement, apart=first or not (after or "").strip()))
        previous = statement
    alias = f" as {name}" if name != entry.name else ""
    added = f"from {entry.module} import {entry.name}{alias}"
    docstring = isinstance(statements[0], ast.Expr) and isinstance(
        statements[0].value, ast.Constant
    )
    is_docstring = docstring and len(statements) > 1
    spot = import_position(found[:-1], entry.module, start=1 if is_docstring else 0)
    if spot.index == 0 or len(added) > IMPORT_LENGTH:
        return None
    end = _end(statements[spot.index - 1])
    if spot.how == "first":
        start = statements[spot.index].lineno - 1
        return (starts[start], f"{added}\n") if not "".join(lines[end:start]).strip() else None
    if found[spot.index - 1] is None:
        return None
    return starts[end], f"{added}\n" if spot.how != "apart" else f"\n{added}\n"


def _takes_more(statement: ast.ImportFrom, entry: ListEntry, name: str) -> bool:
    """Whether the import could go into this one."""
    return name == entry.name and not statement.level and statement.module == entry.module


def _import_line(statement: ast.stmt, *, apart: bool) -> ImportLine | None:
    match statement:
        case ast.ImportFrom(module=module, level=level):
            return ImportLine(module or "", level, True, apart)
        case ast.Import(names=names):
            return ImportLine(names[0].name, 0, False, apart)
    return None


def _end(statement: ast.stmt) -> int:
    return statement.end_lineno or statement.lineno
