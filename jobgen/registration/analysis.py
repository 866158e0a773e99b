"""Find the list of registrations in a Python file, with `ast` alone.

Importing LibCST takes ten times as long as the rest of a run. So this module decides without it
whether there is something to edit, and whether it can be edited.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from jobgen.registration.bindings import bound_names, find_bindings, reachable
from jobgen.registration.dashboards import Dashboards, find_dashboards
from jobgen.registration.names import KEPT_FILES, module_scope, origins

_KEPT_TREES = 200
"""Files whose syntax tree is kept: a check reads each job's module several times, and the page Jobs
of `jobgen ide` checks again each time that it is shown."""


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
        values: All expressions that contribute to the list's value, whatever names they go by.
        location: The list to edit; None if there is no single list.
        problem: Why there is no list to edit, as a clause.
        line: The line of the problem, from 1; None for the whole file.
        current: The source text of the value that the list has now; "" if it has none.
        call: The call that makes the dashboard; None if it cannot be told.
    """

    values: tuple[ast.expr, ...]
    location: ListLocation | None = None
    problem: str = ""
    line: int | None = None
    current: str = ""
    call: ast.Call | None = None


@lru_cache(_KEPT_TREES)
def parse(source: bytes) -> ast.Module | SyntaxError | ValueError:
    """Parse a file; return the error if it is not Python.

    The tree is shared by all callers, which must not change it.
    """
    with warnings.catch_warnings():
        # Warnings about the user's code, such as invalid escapes, are not this command's.
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError) as error:
            return error


@lru_cache(KEPT_FILES)
def find_list(tree: ast.Module, target: RegistrationTarget) -> Analysis:
    """Find the list of `target` in a file."""
    return _find_workers(tree) if target is RegistrationTarget.WORKERS else _find_dashboard(tree)


def _find_workers(tree: ast.Module) -> Analysis:
    assigned: list[tuple[ast.stmt, ast.expr]] = []
    bindings = find_bindings(tree)
    for statement in module_scope(tree.body):
        match statement:
            case ast.Assign(targets=targets, value=value):
                if any("workers" in bound_names(target, items=False) for target in targets):
                    assigned.append((statement, value))
            case ast.AnnAssign(target=ast.Name(id="workers"), value=ast.expr() as value):
                assigned.append((statement, value))
    values = reachable([ast.Name("workers", ast.Load(), lineno=1, col_offset=0)], bindings)
    if not assigned and "workers" in origins(tree, everywhere=False):
        problem = "`workers` is not a plain list of this file"
        return Analysis(values, problem=problem, current="workers")
    if not assigned:
        # A star import may bring the list.
        problem = "there is no list `workers` at the top level of the file"
        return Analysis(values[:1], problem=problem)
    if len(assigned) > 1:
        lines = " and ".join(str(statement.lineno) for statement, _ in assigned)
        return Analysis(
            values,
            problem=f"`workers` is assigned in more than one place (lines {lines})",
            line=assigned[-1][0].lineno,
            current="workers",
        )
    statement, value = assigned[0]
    plain = not isinstance(statement, ast.Assign) or any(
        isinstance(target, ast.Name) and target.id == "workers" for target in statement.targets
    )
    if not isinstance(value, ast.List) or not plain:
        problem = "`workers` is not a plain list"
        return Analysis(values, problem=problem, line=statement.lineno, current="workers")
    location = ListLocation(RegistrationTarget.WORKERS, value, _top_level(tree, value))
    return Analysis(values, location, current="workers")


def _top_level(tree: ast.Module, node: ast.expr) -> int:
    """Count the top-level statements before the one with `node`."""
    start = (node.lineno, node.col_offset)
    return sum((each.lineno, each.col_offset) <= start for each in tree.body) - 1


def _find_dashboard(tree: ast.Module) -> Analysis:
    found = find_dashboards(tree)
    bindings = find_bindings(tree)
    values = reachable(_seeds(found), bindings)
    lists = found.lists
    if len(found.calls) > 1:
        lines = " and ".join(str(line) for line in sorted(call.lineno for call in found.calls))
        problem = f"`JobsDashboard` is called more than once (lines {lines})"
        return Analysis(values, problem=problem, line=found.calls[-1].lineno)
    if not found.calls and not lists:
        return Analysis(values, problem="there is no call of `JobsDashboard` with `jobs=[…]`")
    if not lists:
        call = found.calls[0]
        problem = "the call of `JobsDashboard` has no `jobs=[…]`"
        return Analysis(values, problem=problem, line=call.lineno, call=call)
    call, value = lists[-1]
    current = ast.unparse(value)
    if len(lists) > 1 or not isinstance(value, ast.List):
        problem = "`jobs=` of `JobsDashboard` is not a plain list"
        if len(lists) > 1:
            problem = "`JobsDashboard` is given `jobs=` more than once"
        only_call = call if len(lists) == 1 else None
        return Analysis(values, problem=problem, line=value.lineno, current=current, call=only_call)
    location = ListLocation(
        RegistrationTarget.DASHBOARD, value, _top_level(tree, value), ast.unparse(call.func)
    )
    return Analysis(values, location, current=current)


def _seeds(found: Dashboards) -> list[ast.expr]:
    """Return the expressions that may give a dashboard its jobs.

    A list `jobs` of the file is one of them: that is how the text to add is called.
    """
    seeds: list[ast.expr] = [ast.Name("jobs", ast.Load(), lineno=1, col_offset=0)]
    for call in (*found.calls, *found.prepared):
        seeds += [*call.args, *(keyword.value for keyword in call.keywords)]
    for subclass in found.subclasses:
        seeds += [node for node in ast.walk(subclass) if isinstance(node, ast.expr)]
    return seeds
