"""Reads the class of a job from its source, without importing it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from jobgen.registration.analysis import parse


@dataclass(frozen=True, slots=True)
class JobClass:
    """The class of a job in its file.

    Attributes:
        line: The line of the class, from 1; None if the file has no such class.
        options: The Python source of each public attribute that the class sets.
        is_async: Whether `perform` is `async def`; None if the class does not define it.
        problem: Why the class cannot be read; None if it can.
    """

    line: int | None = None
    options: dict[str, str] = field(default_factory=dict)
    is_async: bool | None = None
    problem: str | None = None


def read_job_class(source: bytes | None, name: str) -> JobClass:
    """Return the class `name` in the source of a file; None is a file that cannot be read."""
    if source is None:
        return JobClass(problem="The file cannot be read.")
    tree = parse(source)
    if not isinstance(tree, ast.Module):
        line = f", line {tree.lineno}" if isinstance(tree, SyntaxError) and tree.lineno else ""
        reason = tree.msg if isinstance(tree, SyntaxError) else str(tree)
        return JobClass(problem=f"The file is not valid Python{line}: {reason}.")
    found = [
        node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == name
    ]
    if not found:
        return JobClass(problem=f"The file has no class {name}.")
    body = found[-1].body
    performs = [
        isinstance(node, ast.AsyncFunctionDef)
        for node in body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == "perform"
    ]
    return JobClass(
        line=found[-1].lineno,
        options={option: ast.unparse(value) for option, value in _assignments(body)},
        is_async=performs[-1] if performs else None,
    )


def _assignments(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """Yield the public names that a class body assigns to, with their values."""
    for node in body:
        match node:
            case ast.Assign(targets=targets, value=value):
                names = [target.id for target in targets if isinstance(target, ast.Name)]
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                names = [name]
            case _:
                continue
        yield from ((name, value) for name in names if not name.startswith("_"))
