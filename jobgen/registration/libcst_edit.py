"""The edits themselves, once `steps` has decided on them. Imports LibCST."""

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
    """`source` with `element` in the list and `entry` imported as `name`, each where given."""
    module = _parse(source)
    index, node = _locate(module, location)
    if element is not None:
        inside = append(bracketed(node), _element(element), module.default_indent)
        line = _Line.of(source, module, location.node)
        if is_one_line(inside) and line.fits:
            exploded = explode(inside, line.margin, module.default_indent)
            # Taking the element out again compares this same length.
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
    """`source` without the elements at `positions` of the list and without the import."""
    module = _parse(source)
    if location is not None and positions:
        index, node = _locate(module, location)
        shorter = _shortened(module, node, positions, _Line.of(source, module, location.node))
        module = _replaced(module, index, node, shorter)
    if bound is not None:
        import_index = find_import(module, entry, bound)
        if import_index is None:
            raise CannotRegister(
                f"the import of {bound} is not a `from … import` of its own at the top level: "
                "take it out by hand",
                "",
                _line_of_import(source, bound),
            )
        module = remove_import(module, import_index, bound)
    return module.bytes


def _parse(source: bytes) -> cst.Module:
    """The file as LibCST has it, if that is the whole of it: it drops some form feeds."""
    try:
        module = cst.parse_module(source)
    except cst.ParserSyntaxError as error:
        raise CannotRegister(f"LibCST cannot read it ({error.message})", "") from None
    except UnicodeDecodeError as error:
        raise CannotRegister(f"it is not in the encoding that it says ({error})", "") from None
    if module.bytes != source:
        raise CannotRegister("LibCST does not keep every byte of it", "")
    return module


def _shortened(
    module: cst.Module, node: cst.List, positions: Collection[int], line: _Line
) -> cst.List:
    """The list without some of its elements.

    One that was broken over several lines only because of what goes is joined again.
    """
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
    """The source lines that the list begins and ends on."""

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
        """Whether the list stands on one line that is not too long."""
        return not self.broken and len(self.first) <= LINE_LENGTH

    def joined(self, module: cst.Module, node: cst.List) -> int:
        """The length of the line if the list were `node`, on one line."""
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
    """The list that `target` is: its top-level line's index, and its node."""
    ahead = 0
    for index, line in enumerate(module.body):
        ahead += len(line.body) if isinstance(line, cst.SimpleStatementLine) else 1
        if ahead > location.statement:
            if location.target is RegistrationTarget.WORKERS:
                node = _workers_list(line)
            else:
                node = _jobs_list(module, line, location.callee)
            if node is not None:
                return index, node
    raise CannotRegister("LibCST does not find the list that is there", "", None)


def _workers_list(node: cst.CSTNode) -> cst.List | None:
    """The list that is assigned to `workers` in the module's own scope."""
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
    """The `jobs=[…]` of the call of `JobsDashboard`, by the name that it has in the file."""
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
