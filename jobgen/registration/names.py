"""What the names in a Python file stand for, read with `ast` alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_COMPOUND = (ast.If, ast.Try, ast.TryStar, ast.With, ast.For, ast.While, ast.Match)


@dataclass(frozen=True, slots=True)
class ListEntry:
    """What is registered: `name` of `module`, bound as `alias` where that is given.

    `starred` entries are lists themselves, unpacked into the list they are registered in.
    """

    module: str
    name: str
    alias: str | None = None
    starred: bool = False

    @property
    def local(self) -> str:
        """The name that it is bound to where nothing stands in the way."""
        return self.alias or self.name

    @property
    def origin(self) -> str:
        """Where the entry comes from, as one dotted name."""
        return f"{self.module}.{self.name}"


def origins(tree: ast.Module, *, everywhere: bool) -> dict[str, str]:
    """What each name that is imported or defined at run time stands for, as a dotted name.

    With `everywhere`, those in functions too, else those of the module's own scope alone.
    Relative imports begin with one dot, whatever their level.
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
                found[alias.asname or alias.name] = base + alias.name
        elif isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            found.setdefault(node.name, f"<here>.{node.name}")
    return found


def refers(expression: ast.expr, entry: ListEntry, names: Mapping[str, str]) -> bool:
    """Whether the expression is the entry itself, by any name that it was imported as."""
    origin = resolve(expression, names)
    return origin is not None and is_origin(origin, entry)


def is_origin(origin: str, entry: ListEntry) -> bool:
    """Whether a dotted name of `origins` is the entry's."""
    if origin.startswith("."):
        return f".{entry.origin}".endswith(origin)
    return origin == entry.origin


def mentions(expressions: tuple[ast.expr, ...], entry: ListEntry, names: Mapping[str, str]) -> int:
    """The line where the entry stands anywhere within the expressions; 0 where it does not."""
    for expression in expressions:
        for node in ast.walk(expression):
            if isinstance(node, ast.expr) and refers(node, entry, names):
                return node.lineno
    return 0


def identifiers(tree: ast.Module) -> set[str]:
    """Every name that the file uses for anything, so that a new one can avoid them all."""
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
    """The line of an `import` of the whole module; 0 where there is none."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and any(alias.name == module for alias in node.names):
            return node.lineno
    return 0


def resolve(expression: ast.expr, names: Mapping[str, str]) -> str | None:
    """The dotted name that a name or an attribute stands for, where it is known."""
    match expression:
        case ast.Name(id=name):
            return names.get(name)
        case ast.Attribute(value=value, attr=attribute):
            base = resolve(value, names)
            return f"{base}.{attribute}" if base else None
    return None


def module_scope(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run in the module's own scope, those in blocks included."""
    for statement in statements:
        yield statement
        if isinstance(statement, _COMPOUND):
            for node in ast.iter_child_nodes(statement):
                if isinstance(node, ast.stmt):
                    yield from module_scope([node])
                elif isinstance(node, (ast.ExceptHandler, ast.match_case)):
                    yield from module_scope(node.body)


def _typing_only(tree: ast.Module) -> set[ast.AST]:
    """What stands below `if TYPE_CHECKING:`, and so does not exist at run time."""
    unseen: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            for statement in node.body:
                unseen.update(ast.walk(statement))
    return unseen
