"""Add and remove one import of a module with LibCST, keeping its lines and comments."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import libcst as cst

from jobgen.registration.import_order import ImportLine, ImportPosition, import_position, member_key
from jobgen.registration.list_edit import Bracketed, explode, insert, remove
from jobgen.registration.names import ListEntry

Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement

LINE_LENGTH = 88
"""The shortest usual line length; a wrapped import also fits a project with longer lines."""
_BLANK = cst.EmptyLine(indent=False)


def add_import(module: cst.Module, entry: ListEntry, bound: str, limit: int) -> cst.Module:
    """Add the import of an entry to a module.

    Args:
        module: The module.
        entry: What to import.
        bound: The name that it is imported as.
        limit: The index in `module.body` of the statement that the import must precede.
    """
    body: list[Statement] = list(module.body)
    alias = cst.ImportAlias(
        cst.Name(entry.name), cst.AsName(cst.Name(bound)) if bound != entry.name else None
    )
    for index, line in enumerate(body[:limit]):
        node = _import_from(line)
        if node is not None and bound == entry.name and _can_extend(node, entry):
            merged = _with_names(node, _merged(_names(node), alias, module.default_indent))
            body[index] = line.with_changes(body=[_wrapped(module, merged)])
            return module.with_changes(body=body)
    node = cst.ImportFrom(_dotted(entry.module), [alias])
    new = cst.SimpleStatementLine([_wrapped(module, node)])
    lines = [_import_line(body, index) for index in range(limit)]
    position = import_position(
        lines, entry.module, start=1 if limit and _is_docstring(body[0]) else 0
    )
    body[position.index : position.index + 1] = _with_line(body, position, new)
    return module.with_changes(body=body)


def find_import(module: cst.Module, entry: ListEntry, bound: str) -> int | None:
    """Return the index of the top-level line that only imports `bound` with `from`, or None."""
    for index, line in enumerate(module.body):
        node = _import_from(line)
        for alias in _names(node).items if node else ():
            if alias.evaluated_name == entry.name and _bound(alias) == bound:
                return index
    return None


def remove_import(module: cst.Module, index: int, bound: str) -> cst.Module:
    """Remove the name `bound` from the import in `module.body[index]`."""
    body: list[Statement] = list(module.body)
    line = body[index]
    node = _import_from(line)
    names = _names(node) if node else None
    if node and names and len(names.items) > 1:
        position = [_bound(alias) for alias in names.items].index(bound)
        fewer = _with_names(node, remove(names, position))
        body[index] = line.with_changes(body=[fewer])
    else:
        body[index : index + 2] = _without_line(body, index)
    return module.with_changes(body=body)


def _with_line(
    body: Sequence[Statement], position: ImportPosition, new: cst.SimpleStatementLine
) -> list[Statement]:
    """Return the new line and the statement after it, with the blank lines of each."""
    following = body[position.index]
    blanks, rest = _leading(following)
    if position.how in {"before", "after"}:
        return [new, following]
    if position.how == "first":
        # isort puts a blank line before a comment that does not start the section.
        padding = (_BLANK,) * bool(rest)
    elif position.index > 0 and _imports(body[position.index - 1]):
        return [new.with_changes(leading_lines=(_BLANK,)), following]
    else:
        padding = (_BLANK,) * _padding(len(blanks), following)
    return [
        new.with_changes(leading_lines=blanks),
        following.with_changes(leading_lines=(*padding, *rest)),
    ]


def _without_line(body: Sequence[Statement], index: int) -> list[Statement]:
    """Return the statement after a removed import, with the blank lines and comments of both."""
    if index + 1 == len(body):
        return []
    line, following = body[index], body[index + 1]
    blanks, comments = _leading(line)
    lines = tuple(following.leading_lines)
    after_import = index > 0 and bool(_imports(body[index - 1]))
    starts = not after_import or bool(blanks)
    ends = not _imports(following) or bool(_leading(following)[0])
    if starts and ends and after_import:
        blanks = blanks if comments else ()
    elif starts and ends:
        lines = lines[min(_padding(len(blanks), following), len(_leading(following)[0])) :]
    return [following.with_changes(leading_lines=(*blanks, *comments, *lines))]


def _padding(blanks: int, following: Statement) -> int:
    """Return the number of blank lines between an import that starts the file and the next."""
    if _imports(following):
        return 1
    return max(blanks, 2 if isinstance(following, (cst.FunctionDef, cst.ClassDef)) else 1)


def _leading(line: Statement) -> tuple[tuple[cst.EmptyLine, ...], tuple[cst.EmptyLine, ...]]:
    """Return the blank lines before a statement, and the comments after them."""
    lines = tuple(line.leading_lines)
    count = next((index for index, each in enumerate(lines) if each.comment), len(lines))
    return lines[:count], lines[count:]


def _import_line(body: Sequence[Statement], index: int) -> ImportLine | None:
    line = body[index]
    parts = _imports(line)
    if not parts:
        return None
    starts_group = index == 0 or not _imports(body[index - 1]) or bool(_leading(line)[0])
    match parts[0]:
        case cst.ImportFrom() as node:
            return ImportLine(_module_name(node), len(node.relative), True, starts_group)
        case cst.Import() as node:
            return ImportLine(_text(node.names[0].name), 0, False, starts_group)


def _imports(line: Statement) -> list[cst.Import | cst.ImportFrom]:
    """Return the imports of a line that does nothing else; none for any other line."""
    if not isinstance(line, cst.SimpleStatementLine):
        return []
    parts = [part for part in line.body if isinstance(part, (cst.Import, cst.ImportFrom))]
    return parts if len(parts) == len(line.body) else []


def _is_docstring(line: Statement) -> bool:
    if not isinstance(line, cst.SimpleStatementLine) or not isinstance(line.body[0], cst.Expr):
        return False
    return isinstance(line.body[0].value, (cst.SimpleString, cst.ConcatenatedString))


def _import_from(line: Statement) -> cst.ImportFrom | None:
    """Return the `from … import` that a line consists of, or None; `import *` is not one."""
    parts = _imports(line)
    if len(parts) != 1 or not isinstance(parts[0], cst.ImportFrom):
        return None
    return None if isinstance(parts[0].names, cst.ImportStar) else parts[0]


def _can_extend(node: cst.ImportFrom, entry: ListEntry) -> bool:
    """Return whether the entry can join an import; isort keeps imports with `as` separate."""
    if node.relative or _module_name(node) != entry.module:
        return False
    return all(alias.asname is None for alias in _names(node).items)


def _merged(
    names: Bracketed[cst.ImportAlias], alias: cst.ImportAlias, indent: str
) -> Bracketed[cst.ImportAlias]:
    keys = [member_key(each.evaluated_name) for each in names.items]
    key = member_key(alias.evaluated_name)
    ordered = all(one <= other for one, other in pairwise(keys))
    later = [index for index, each in enumerate(keys) if each > key] if ordered else []
    return insert(names, later[0] if later else len(keys), alias, indent)


def _names(node: cst.ImportFrom) -> Bracketed[cst.ImportAlias]:
    nothing = cst.SimpleWhitespace("")
    return Bracketed(
        node.lpar.whitespace_after if node.lpar else nothing,
        () if isinstance(node.names, cst.ImportStar) else tuple(node.names),
        node.rpar.whitespace_before if node.rpar else nothing,
    )


def _with_names(node: cst.ImportFrom, names: Bracketed[cst.ImportAlias]) -> cst.ImportFrom:
    left, right = node.lpar, node.rpar
    return node.with_changes(
        names=names.items,
        lpar=left and left.with_changes(whitespace_after=names.opening),
        rpar=right and right.with_changes(whitespace_before=names.closing),
    )


def _wrapped(module: cst.Module, node: cst.ImportFrom) -> cst.ImportFrom:
    """Return the import, in parentheses if its line is too long."""
    if node.lpar or len(module.code_for_node(node)) <= LINE_LENGTH:
        return node
    exploded = explode(_names(node), "", module.default_indent)
    return _with_names(node.with_changes(lpar=cst.LeftParen(), rpar=cst.RightParen()), exploded)


def _module_name(node: cst.ImportFrom) -> str:
    return _text(node.module) if node.module else ""


def _text(name: cst.BaseExpression) -> str:
    """Return a dotted name as text; `code_for_node` is too slow for hundreds of imports."""
    match name:
        case cst.Attribute(value=base, attr=cst.Name(value=last)):
            return f"{_text(base)}.{last}"
        case cst.Name(value=text):
            return text
    return ""


def _dotted(name: str) -> cst.Attribute | cst.Name:
    first, *rest = name.split(".")
    node: cst.Attribute | cst.Name = cst.Name(first)
    for part in rest:
        node = cst.Attribute(node, cst.Name(part))
    return node


def _bound(alias: cst.ImportAlias) -> str:
    return alias.evaluated_alias or alias.evaluated_name
