"""Find the expressions that a name in a Python file may get its value from, with `ast` alone."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

Bindings = dict[str, list[ast.expr]]
"""The expressions that contribute to the value of each name, in whatever scope it is."""


def find_bindings(tree: ast.Module) -> Bindings:
    """Return the expressions that the file assigns to each name, appends to it, or returns from it.

    `n = x`, `n += x`, `n: T = x`, `(n := x)`, `n[…] = x`, `n.append(x)`, `for n in x` and the
    results of a function `n` contribute to `n`. Scopes are not told apart.
    """
    found: Bindings = {}
    for node in ast.walk(tree):
        for name, value in _contributions(node):
            found.setdefault(name, []).append(value)
    return found


def reachable(seeds: Iterable[ast.expr], bindings: Bindings) -> tuple[ast.expr, ...]:
    """Return the seeds, and all that contributes to the names in them, directly or not."""
    found: list[ast.expr] = []
    followed: set[str] = set()
    waiting = list(seeds)
    while waiting:
        expression = waiting.pop(0)
        found.append(expression)
        for node in ast.walk(expression):
            if isinstance(node, ast.Name) and node.id not in followed:
                followed.add(node.id)
                waiting += bindings.get(node.id, [])
    return tuple(found)


def _contributions(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that a node changes, each with an expression that it changes them to."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name)), args=values, keywords=keywords):
            yield from ((name, value) for value in values)
            yield from ((name, keyword.value) for keyword in keywords)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return | ast.Yield | ast.YieldFrom) and inner.value:
                    yield name, inner.value
        case ast.Assign(targets=targets, value=value):
            yield from ((name, value) for target in targets for name in bound_names(target))
        case (
            ast.AnnAssign(target=target, value=ast.expr() as value)
            | ast.AugAssign(target=target, value=value)
            | ast.NamedExpr(target=target, value=value)
            | ast.For(target=target, iter=value)
            | ast.AsyncFor(target=target, iter=value)
        ):
            yield from ((name, value) for name in bound_names(target))


def bound_names(target: ast.expr, *, items: bool = True) -> set[str]:
    """Return the names that an assignment to `target` changes.

    Args:
        target: The target.
        items: Whether `n[0] = …` and `n.x = …` count as changes of `n`.
    """
    match target:
        case ast.Name(id=name):
            return {name}
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return {name for part in parts for name in bound_names(part, items=items)}
        case ast.Starred(value=inner):
            return bound_names(inner, items=items)
        case ast.Subscript(value=inner) | ast.Attribute(value=inner) if items:
            return bound_names(inner)
    return set()
