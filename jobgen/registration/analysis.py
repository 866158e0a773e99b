"""Find the list of registrations in a Python file, with `ast` alone.

Importing LibCST takes ten times as long as the rest of a run. So this module decides without it
whether there is something to edit, and whether it can be edited.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from jobgen.registration.names import module_scope, origins, resolve


class RegistrationTarget(Enum):
    """Which list of a file is edited."""

    WORKERS = "workers"
    """The list `workers` at the top level of the module."""
    DASHBOARD = "jobs"
    """The argument `jobs=` of the one call of `JobsDashboard`."""


@dataclass(frozen=True, slots=True)
class ListLocation:
    """The position of a list in a file.

    Attributes:
        target: Which list it is.
        node: The list in the syntax tree.
        statement: The number of top-level statements before the one with the list; statements
            on the same line count separately.
        callee: What the file calls `JobsDashboard`, for the list of a dashboard.
    """

    target: RegistrationTarget
    node: ast.List
    statement: int
    callee: str = ""


@dataclass(frozen=True, slots=True)
class Analysis:
    """The registrations of a file.

    Attributes:
        values: All expressions that contribute to the list's value.
        location: The list to edit; None if there is no single list.
        problem: Why there is no list to edit, as a clause.
        line: The line of the problem, from 1; None for the whole file.
    """

    values: tuple[ast.expr, ...]
    location: ListLocation | None = None
    problem: str = ""
    line: int | None = None


def parse(source: bytes) -> ast.Module | SyntaxError | ValueError:
    """Parse a file; return the error if it is not Python."""
    with warnings.catch_warnings():
        # Warnings about the user's code, such as invalid escapes, are not this command's.
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError) as error:
            return error


def find_list(tree: ast.Module, target: RegistrationTarget) -> Analysis:
    """Find the list of `target` in a file."""
    return _find_workers(tree) if target is RegistrationTarget.WORKERS else _find_dashboard(tree)


def _find_workers(tree: ast.Module) -> Analysis:
    assigned: list[tuple[ast.stmt, ast.expr]] = []
    extended: list[ast.expr] = []
    for statement in module_scope(tree.body):
        match statement:
            case ast.Assign(targets=targets, value=value):
                if any("workers" in _bound(target) for target in targets):
                    assigned.append((statement, value))
            case ast.AnnAssign(target=ast.Name(id="workers"), value=ast.expr() as value):
                assigned.append((statement, value))
            case ast.AugAssign(target=ast.Name(id="workers"), value=value):
                extended.append(value)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="workers"))) as call):
                extended.extend(call.args)
    values = tuple([value for _, value in assigned] + extended)
    if not assigned:
        return Analysis(values, problem="there is no list `workers` at the top level of the file")
    if len(assigned) > 1:
        lines = " and ".join(str(statement.lineno) for statement, _ in assigned)
        return Analysis(
            values,
            problem=f"`workers` is assigned in more than one place (lines {lines})",
            line=assigned[-1][0].lineno,
        )
    statement, value = assigned[0]
    plain = not isinstance(statement, ast.Assign) or any(
        isinstance(target, ast.Name) and target.id == "workers" for target in statement.targets
    )
    if not isinstance(value, ast.List) or not plain:
        return Analysis(values, problem="`workers` is not a plain list", line=statement.lineno)
    return Analysis(
        values, ListLocation(RegistrationTarget.WORKERS, value, _top_level(tree, value))
    )


def _top_level(tree: ast.Module, node: ast.expr) -> int:
    """Count the top-level statements before the one with `node`."""
    start = (node.lineno, node.col_offset)
    return sum((each.lineno, each.col_offset) <= start for each in tree.body) - 1


def _bound(target: ast.expr) -> set[str]:
    """Return the names that an assignment to `target` binds; `workers[0] = …` binds none."""
    match target:
        case ast.Name(id=name):
            return {name}
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return {name for part in parts for name in _bound(part)}
        case ast.Starred(value=inner):
            return _bound(inner)
    return set()


def _find_dashboard(tree: ast.Module) -> Analysis:
    names = origins(tree, everywhere=True)
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _is_dashboard(node.func, names)
    ]
    values = tuple(
        keyword.value for call in calls for keyword in call.keywords if keyword.arg == "jobs"
    )
    if not calls:
        return Analysis(values, problem="there is no call of `JobsDashboard`")
    last = calls[-1]
    if len(calls) > 1:
        lines = " and ".join(str(line) for line in sorted(call.lineno for call in calls))
        problem = f"`JobsDashboard` is called more than once (lines {lines})"
        return Analysis(values, problem=problem, line=last.lineno)
    if not values:
        return Analysis(
            values, problem="the call of `JobsDashboard` has no `jobs=[…]`", line=last.lineno
        )
    if not isinstance(values[0], ast.List):
        problem = "`jobs=` of `JobsDashboard` is not a plain list"
        return Analysis(values, problem=problem, line=values[0].lineno)
    return Analysis(
        values,
        ListLocation(
            RegistrationTarget.DASHBOARD,
            values[0],
            _top_level(tree, values[0]),
            ast.unparse(last.func),
        ),
    )


def _is_dashboard(callee: ast.expr, names: Mapping[str, str]) -> bool:
    origin = resolve(callee, names) or ast.unparse(callee)
    return origin.rpartition(".")[2] == "JobsDashboard"
