"""Resolve the names in a Python file, with `ast` alone."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

_COMPOUND = (ast.If, ast.Try, ast.TryStar, ast.With, ast.For, ast.While, ast.Match)

KEPT_FILES = 8
"""Files whose analysis is kept: a check registers each job in the same three files."""


@dataclass(frozen=True, slots=True)
class ListEntry:
    """An entry of a list of registrations.

    Attributes:
        module: The module that it is imported from.
        name: Its name in that module.
        alias: The name to import it as; None for its own.
        starred: Whether it is a list, which is unpacked into the list that it is registered in.
    """

    module: str
    name: str
    alias: str | None = None
    starred: bool = False

    @property
    def local(self) -> str:
        """The name that it is imported as unless that name is taken."""
        return self.alias or self.name

    @property
    def origin(self) -> str:
        """The entry's full dotted name."""
        return f"{self.module}.{self.name}"


@lru_cache(KEPT_FILES)
def origins(tree: ast.Module, *, everywhere: bool) -> Mapping[str, str]:
    """Map each name that a file imports or defines at run time to its full dotted name.

    A relative import gets one leading dot, whatever its level.

    Args:
        tree: The file.
        everywhere: Whether to include names in functions.
    """
    found: dict[str, str] = {}
    statements = ast.walk(tree) if everywhere else module_scope(tree.body)
    unseen = _typing_only(tree)
    for node in statements:
        if node in unseen:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                found[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            base = "." * bool(node.level) + (f"{node.module}." if node.module else "")
            for alias in node.names:
                # Several modules may be imported from with a star.
                name = f"*{base}" if alias.name == "*" else alias.asname or alias.name
                found[name] = base + alias.name
        elif isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            found.setdefault(node.name, f"<here>.{node.name}")
    return MappingProxyType(found)


def refers(expression: ast.expr, entry: ListEntry, names: Mapping[str, str]) -> bool:
    """Return whether an expression is the entry, by any name that it is imported as."""
    origin = resolve(expression, names)
    return origin is not None and is_origin(origin, entry)


def is_origin(origin: str, entry: ListEntry) -> bool:
    """Return whether a dotted name from `origins` is the entry's."""
    if origin.startswith("."):
        return f".{entry.origin}".endswith(origin)
    return origin == entry.origin


def mentions(
    expressions: Iterable[ast.expr],
    entry: ListEntry,
    names: Mapping[str, str],
    ignored: Collection[ast.AST] = (),
) -> int:
    """Return the line of the entry's first use in the expressions, or 0.

    Args:
        expressions: The expressions.
        entry: The entry.
        names: The names of the file, from `origins`.
        ignored: Parts of the expressions that do not count.
    """
    known = with_star_imports(names, entry)
    for expression in expressions:
        for node in ast.walk(expression):
            if isinstance(node, ast.expr) and node not in ignored and refers(node, entry, known):
                return node.lineno
    return 0


def with_star_imports(names: Mapping[str, str], entry: ListEntry) -> Mapping[str, str]:
    """Return `names`, with the entry's own name if a star import has it."""
    stars = (origin for name, origin in names.items() if name.startswith("*"))
    if any(is_origin(origin.removesuffix("*") + entry.name, entry) for origin in stars):
        return {entry.name: entry.origin, **names}
    return names


def identifiers(tree: ast.Module) -> set[str]:
    """Return every name that the file uses for anything, so that a new name can differ."""
    used: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name):
                used.add(name)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                used.add(node.name)
            case ast.alias():
                used.add(node.asname or node.name.partition(".")[0])
            case ast.Global() | ast.Nonlocal():
                used.update(node.names)
    return used


def line_of_import(tree: ast.Module, module: str) -> int:
    """Return the line that imports the module with `import`, or 0."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and any(alias.name == module for alias in node.names):
            return node.lineno
    return 0


def resolve(expression: ast.expr, names: Mapping[str, str]) -> str | None:
    """Return the full dotted name of a name or an attribute, or None if it is unknown."""
    match expression:
        case ast.Name(id=name):
            return names.get(name)
        case ast.Attribute(value=value, attr=attribute):
            base = resolve(value, names)
            return f"{base}.{attribute}" if base else None
    return None


def module_scope(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of the module's own scope, including those in blocks."""
    for statement in statements:
        yield statement
        if isinstance(statement, _COMPOUND):
            for node in ast.iter_child_nodes(statement):
                if isinstance(node, ast.stmt):
                    yield from module_scope([node])
                elif isinstance(node, (ast.ExceptHandler, ast.match_case)):
                    yield from module_scope(node.body)


def _typing_only(tree: ast.Module) -> set[ast.AST]:
    """Return the nodes below `if TYPE_CHECKING:`, which do not exist at run time."""
    unseen: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            for statement in node.body:
                unseen.update(ast.walk(statement))
    return unseen
