"""Edit simple files as text, without LibCST.

Importing LibCST takes longer than the rest of a generator's run, and most files are as jobgen
wrote them. For a simple file this module makes exactly the edit of `libcst_edit`, which a property
test checks, as plain insertions of text. Any other file is left to `libcst_edit`.
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
"""A position in the text, and the text inserted there."""


def add_as_text(
    source: bytes,
    tree: ast.Module,
    location: ListLocation,
    *,
    entry: ListEntry | None,
    name: str,
    element: str | None,
) -> bytes | None:
    """Return what `add_with_libcst` returns, or None if the file is not simple enough."""
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
    """Append an element to a list of names that has one line, or one line for each name."""
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
    """Add an import on a new line next to another one; the last statement has the list."""
    lines = text.split("\n")
    found: list[ImportLine | None] = []
    previous: ast.stmt | None = None
    for statement in statements:
        if previous is not None and _end(previous) >= statement.lineno:
            return None
        if isinstance(statement, ast.ImportFrom) and _can_extend(statement, entry, name):
            return None
        after = None if previous is None else lines[_end(previous)]
        first = not found or found[-1] is None
        found.append(_import_line(statement, starts_group=first or not (after or "").strip()))
        previous = statement
    alias = f" as {name}" if name != entry.name else ""
    added = f"from {entry.module} import {entry.name}{alias}"
    docstring = isinstance(statements[0], ast.Expr) and isinstance(
        statements[0].value, ast.Constant
    )
    is_docstring = docstring and len(statements) > 1
    position = import_position(found[:-1], entry.module, start=1 if is_docstring else 0)
    if position.index == 0 or len(added) > IMPORT_LENGTH:
        return None
    end = _end(statements[position.index - 1])
    if position.how == "first":
        start = statements[position.index].lineno - 1
        return (starts[start], f"{added}\n") if not "".join(lines[end:start]).strip() else None
    if found[position.index - 1] is None:
        return None
    return starts[end], f"{added}\n" if position.how != "alone" else f"\n{added}\n"


def _can_extend(statement: ast.ImportFrom, entry: ListEntry, name: str) -> bool:
    """Return whether the name can join an existing import."""
    return name == entry.name and not statement.level and statement.module == entry.module


def _import_line(statement: ast.stmt, *, starts_group: bool) -> ImportLine | None:
    match statement:
        case ast.ImportFrom(module=module, level=level):
            return ImportLine(module or "", level, True, starts_group)
        case ast.Import(names=names):
            return ImportLine(names[0].name, 0, False, starts_group)
    return None


def _end(statement: ast.stmt) -> int:
    return statement.end_lineno or statement.lineno
