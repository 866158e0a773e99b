"""Edit a file with LibCST, which takes long to import."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import libcst as cst

from jobgen.registration.analysis import ListLocation, RegistrationTarget
from jobgen.registration.errors import CannotRegister
from jobgen.registration.import_edit import add_import, find_import, remove_import
from jobgen.registration.list_edit import (
    append,
    as_list,
    bracketed,
    collapse,
    explode,
    is_one_line,
    remove,
)
from jobgen.registration.names import ListEntry

LINE_LENGTH = 100
_LINE_END = re.compile(r"\r\n|\r|\n")


def add_with_libcst(
    source: bytes,
    location: ListLocation,
    *,
    entry: ListEntry | None,
    name: str,
    element: str | None,
) -> bytes:
    """Add an element to a list, and an import.

    Args:
        source: The file's contents.
        location: The list.
        entry: What to import; None for no import.
        name: The name to import it as.
        element: The element's source text; None for no element.

    Raises:
        CannotRegister: LibCST cannot edit the file faithfully.
    """
    module = _parse(source)
    index, node = _locate(module, location)
    if element is not None:
        inside = append(bracketed(node), _element(element), module.default_indent)
        line = _Line.of(source, module, location.node)
        if is_one_line(inside) and line.fits:
            exploded = explode(inside, line.margin, module.default_indent)
            # `_shortened` compares the same length, so removing the element joins the list again.
            joined = collapse(exploded)
            if joined and line.joined(module, as_list(node, joined)) > LINE_LENGTH:
                inside = exploded
        module = _replaced(module, index, node, as_list(node, inside))
    if entry is not None:
        module = add_import(module, entry, name, index)
    return module.bytes


def remove_with_libcst(
    source: bytes,
    location: ListLocation | None,
    *,
    entry: ListEntry,
    bound: str | None,
    positions: Collection[int],
) -> bytes:
    """Remove elements of a list, and an import.

    Args:
        source: The file's contents.
        location: The list; None if there is none.
        entry: What is imported.
        bound: The name that it is imported as; None if it is not imported.
        positions: The indexes of the elements to remove.

    Raises:
        CannotRegister: LibCST cannot edit the file faithfully.
    """
    module = _parse(source)
    if location is not None and positions:
        index, node = _locate(module, location)
        shorter = _shortened(module, node, positions, _Line.of(source, module, location.node))
        module = _replaced(module, index, node, shorter)
    if bound is not None:
        import_index = find_import(module, entry, bound)
        if import_index is None:
            raise CannotRegister(
                f"{bound} is not imported by a `from … import` at the top level; remove the import",
                "",
                _line_of_import(source, bound),
            )
        module = remove_import(module, import_index, bound)
    return module.bytes


def _parse(source: bytes) -> cst.Module:
    """Parse a file, and check that LibCST keeps every byte: it drops some form feeds."""
    try:
        module = cst.parse_module(source)
    except cst.ParserSyntaxError as error:
        raise CannotRegister(f"LibCST cannot read it ({error.message})", "") from None
    except UnicodeDecodeError as error:
        raise CannotRegister(f"it is not in the encoding that it declares ({error})", "") from None
    if module.bytes != source:
        raise CannotRegister("LibCST does not preserve every byte of it", "")
    return module


def _shortened(
    module: cst.Module, node: cst.List, positions: Collection[int], line: _Line
) -> cst.List:
    """Remove elements of a list, and join it on one line if it was split because of them."""
    before = bracketed(node)
    after = before
    for position in sorted(positions, reverse=True):
        after = remove(after, position)
    long, short = collapse(before), collapse(after)
    if long is None or short is None:
        return as_list(node, after)
    joined = as_list(node, short)
    if line.joined(module, joined) <= LINE_LENGTH < line.joined(module, as_list(node, long)):
        return joined
    return as_list(node, after)


@dataclass(frozen=True)
class _Line:
    """The source lines on which a list begins and ends.

    Attributes:
        first: The first line.
        margin: Its indentation.
        prefix: The number of characters before the list.
        suffix: The number of characters after the list.
        broken: Whether the list spans several lines.
    """

    first: str
    margin: str
    prefix: int
    suffix: int
    broken: bool

    @classmethod
    def of(cls, source: bytes, module: cst.Module, node: ast.List) -> _Line:
        lines = _LINE_END.split(source.decode(module.encoding))
        end_line = node.end_lineno or node.lineno
        first, last = lines[node.lineno - 1], lines[end_line - 1]
        # ast counts columns in bytes of UTF-8.
        start = len(first.encode()[: node.col_offset].decode())
        end = len(last.encode()[: node.end_col_offset].decode())
        margin = first[: len(first) - len(first.lstrip())]
        return cls(first, margin, start, len(last) - end, broken=node.lineno != end_line)

    @property
    def fits(self) -> bool:
        """Whether the list is on one line that is not too long."""
        return not self.broken and len(self.first) <= LINE_LENGTH

    def joined(self, module: cst.Module, node: cst.List) -> int:
        """Return the length of the line with `node`, on one line, as its list."""
        return self.prefix + len(module.code_for_node(node)) + self.suffix


def _line_of_import(source: bytes, name: str) -> int | None:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                if (alias.asname or alias.name.partition(".")[0]) == name:
                    return node.lineno
    return None


def _element(text: str) -> cst.BaseElement:
    if text.startswith("*"):
        return cst.StarredElement(cst.Name(text[1:]))
    return cst.Element(cst.Name(text))


def _replaced(module: cst.Module, index: int, old: cst.List, new: cst.List) -> cst.Module:
    body = list(module.body)
    body[index] = cst.ensure_type(body[index].deep_replace(old, new), type(body[index]))
    return module.with_changes(body=body)


def _locate(module: cst.Module, location: ListLocation) -> tuple[int, cst.List]:
    """Find the list at `location`: the index of its top-level line, and its node."""
    passed = 0
    for index, line in enumerate(module.body):
        passed += len(line.body) if isinstance(line, cst.SimpleStatementLine) else 1
        if passed > location.statement:
            if location.target is RegistrationTarget.WORKERS:
                node = _workers_list(line)
            else:
                node = _jobs_list(module, line, location.callee)
            if node is not None:
                return index, node
    raise CannotRegister("LibCST does not find the list", "", None)


def _workers_list(node: cst.CSTNode) -> cst.List | None:
    """Find the list that is assigned to `workers` outside functions and classes."""
    match node:
        case cst.FunctionDef() | cst.ClassDef() | cst.Lambda():
            return None
        case cst.Assign(targets=targets, value=cst.List() as value):
            if any(_is_workers(target.target) for target in targets):
                return value
        case cst.AnnAssign(target=target, value=cst.List() as value):
            if _is_workers(target):
                return value
    return _first(_workers_list(child) for child in node.children)


def _jobs_list(module: cst.Module, node: cst.CSTNode, callee: str) -> cst.List | None:
    """Find the list `jobs=[…]` in the call of `callee`."""
    if isinstance(node, cst.Call) and "".join(module.code_for_node(node.func).split()) == callee:
        for argument in node.args:
            keyword = argument.keyword
            if keyword and keyword.value == "jobs" and isinstance(argument.value, cst.List):
                return argument.value
    return _first(_jobs_list(module, child, callee) for child in node.children)


def _is_workers(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "workers"


def _first(found: Iterator[cst.List | None]) -> cst.List | None:
    return next((node for node in found if node is not None), None)
