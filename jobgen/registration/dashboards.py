"""Find where a Python file makes a dashboard, with `ast` alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache

from jobgen.registration.names import KEPT_FILES, origins, resolve

_NAME = "JobsDashboard"


@dataclass(frozen=True, slots=True)
class Dashboards:
    """The places of a file that make a dashboard.

    Attributes:
        calls: The calls of `JobsDashboard`, under whatever name, or of a subclass.
        prepared: The calls that prepare one: `partial(JobsDashboard, …)`, and `super().__init__(…)`
            in a subclass.
        subclasses: The subclasses of `JobsDashboard`.
        is_used: Whether the file uses `JobsDashboard` for anything but annotations.
    """

    calls: tuple[ast.Call, ...]
    prepared: tuple[ast.Call, ...]
    subclasses: tuple[ast.ClassDef, ...]
    is_used: bool

    @property
    def lists(self) -> tuple[tuple[ast.Call, ast.expr], ...]:
        """Each call with the argument `jobs`, and its value."""
        return tuple(
            (call, keyword.value)
            for call in (*self.calls, *self.prepared)
            for keyword in call.keywords
            if keyword.arg == "jobs"
        )


@lru_cache(KEPT_FILES)
def find_dashboards(tree: ast.Module) -> Dashboards:
    """Find where the file makes a dashboard."""
    names = origins(tree, everywhere=True)
    aliases = _aliases(tree, names)
    annotations = _annotations(tree)
    nodes = [node for node in ast.walk(tree) if node not in annotations]
    subclasses = tuple(
        node
        for node in nodes
        if isinstance(node, ast.ClassDef)
        and any(_is_dashboard(base, names, aliases) for base in node.bases)
    )
    calls = tuple(
        node
        for node in nodes
        if isinstance(node, ast.Call) and _is_dashboard(node.func, names, aliases)
    )
    prepared = [
        node for node in nodes if isinstance(node, ast.Call) and _is_partial(node, names, aliases)
    ]
    for subclass in subclasses:
        prepared += [
            node
            for node in ast.walk(subclass)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__"
        ]
    is_used = any(
        isinstance(node, ast.Name | ast.Attribute)
        and isinstance(node.ctx, ast.Load)
        and _is_dashboard(node, names, aliases)
        for node in nodes
    )
    return Dashboards(calls, tuple(prepared), subclasses, is_used)


def _aliases(tree: ast.Module, names: Mapping[str, str]) -> Set[str]:
    """Return the names that the file gives to `JobsDashboard`, to subclasses and to partials."""
    aliases: set[str] = set()
    size = -1
    while len(aliases) > size:
        size = len(aliases)
        for node in ast.walk(tree):
            match node:
                case ast.Assign(targets=targets, value=value) if _makes(value, names, aliases):
                    aliases |= {each.id for each in targets if isinstance(each, ast.Name)}
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if _makes(
                    value, names, aliases
                ):
                    aliases.add(name)
                case ast.ClassDef(name=name, bases=bases) if any(
                    _is_dashboard(base, names, aliases) for base in bases
                ):
                    aliases.add(name)
    return aliases


def _makes(value: ast.expr, names: Mapping[str, str], aliases: Set[str]) -> bool:
    """Return whether calling the value makes a dashboard."""
    match value:
        case ast.IfExp(body=body, orelse=other):
            return _makes(body, names, aliases) or _makes(other, names, aliases)
        case ast.BoolOp(values=values):
            return any(_makes(each, names, aliases) for each in values)
        case ast.Call():
            return _is_partial(value, names, aliases)
    return _is_dashboard(value, names, aliases)


def _is_partial(call: ast.Call, names: Mapping[str, str], aliases: Set[str]) -> bool:
    if not call.args or not _is_dashboard(call.args[0], names, aliases):
        return False
    origin = resolve(call.func, names) or ast.unparse(call.func)
    return origin.rpartition(".")[2] == "partial"


def _is_dashboard(callee: ast.expr, names: Mapping[str, str], aliases: Set[str]) -> bool:
    if isinstance(callee, ast.Name) and callee.id in aliases:
        return True
    if not isinstance(callee, ast.Name | ast.Attribute):
        return False
    origin = resolve(callee, names) or ast.unparse(callee)
    return origin.rpartition(".")[2] == _NAME


def _annotations(tree: ast.Module) -> Set[ast.AST]:
    """Return all nodes of annotations."""
    annotations = (each for node in ast.walk(tree) for each in _annotated(node))
    return {inner for annotation in annotations for inner in ast.walk(annotation)}


def _annotated(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.AnnAssign(annotation=annotation) | ast.arg(annotation=ast.expr() as annotation):
            yield annotation
        case ast.FunctionDef(returns=ast.expr() as returns):
            yield returns
        case ast.AsyncFunctionDef(returns=ast.expr() as returns):
            yield returns
