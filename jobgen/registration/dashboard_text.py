"""The text that gives a dashboard another job, for the user to write by hand."""

from __future__ import annotations

import ast
from copy import deepcopy
from typing import TypeGuard

from jobgen.registration.analysis import Analysis

_LONGEST_STATEMENT = 200
"""Characters. The text of a longer statement would be one unreadable line."""


def dashboard_text(tree: ast.Module | None, analysis: Analysis, item: str) -> str:
    """Return the statement that makes the dashboard, with one more job.

    Args:
        tree: The file; None if it cannot be parsed.
        analysis: What was found in it.
        item: The job as an element of a list.

    Returns:
        Only the argument `jobs=[…]` if the dashboard is not made by one short statement at the top
        level of the file.
    """
    others = f"*{analysis.current}, " if tree and analysis.current else ""
    argument = f"jobs=[{others}{item}]"
    call = analysis.call
    if tree is None or call is None or any(keyword.arg is None for keyword in call.keywords):
        return argument
    statement = next((each for each in tree.body if _contains(each, call)), None)
    if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr):
        return argument
    changed = deepcopy(statement)
    copied = next(node for node in ast.walk(changed) if _is_same(node, call))
    kept = [keyword for keyword in copied.keywords if keyword.arg != "jobs"]
    value = ast.parse(argument.partition("=")[2], mode="eval").body
    copied.keywords = [*kept, ast.keyword("jobs", value)]
    text = ast.unparse(changed)
    return text if len(text) <= _LONGEST_STATEMENT else argument


def _contains(statement: ast.stmt, call: ast.Call) -> bool:
    return any(node is call for node in ast.walk(statement))


def _is_same(node: ast.AST, call: ast.Call) -> TypeGuard[ast.Call]:
    """Return whether a copied node stands where the call does."""
    if not isinstance(node, ast.Call):
        return False
    here = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
    return here == (call.lineno, call.col_offset, call.end_lineno, call.end_col_offset)
