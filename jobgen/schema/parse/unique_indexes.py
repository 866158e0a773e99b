"""Reads the unique indexes of job tables: their columns, and the statuses of their condition."""

from __future__ import annotations

from typing import TypeAlias

import pgparse
from jobgen_runtime.job_table.names import JOB_TABLE_SUFFIX

from jobgen.schema.parse.tree import Node, string_constant, strings

Statuses: TypeAlias = tuple[str, ...] | None


class OtherCondition(ValueError):
    """The condition of an index is about something else than the status."""


def may_be_job_table(table: str) -> bool:
    """Return whether a table of this name may be a job's."""
    return table.endswith(JOB_TABLE_SUFFIX)


def read_statuses(condition: Node | None) -> Statuses:
    """Return the statuses of the condition `status IN (…)` or `status = …`, sorted.

    Returns:
        None without a condition: the index has all rows.

    Raises:
        OtherCondition: It is another condition.
    """
    if condition is None:
        return None
    expression = condition.get("A_Expr", {})
    column = expression.get("lexpr", {}).get("ColumnRef", {}).get("fields", ())
    if strings(expression.get("name", [])) != ["="] or _last_name(column) != "status":
        raise OtherCondition
    right = expression["rexpr"]
    match expression["kind"]:
        case "AEXPR_OP":
            items = [right]
        case "AEXPR_IN":
            items = right["List"]["items"]
        case "AEXPR_OP_ANY" if "A_ArrayExpr" in _without_cast(right):
            items = _without_cast(right)["A_ArrayExpr"].get("elements", [])
        case _:
            raise OtherCondition
    statuses = [string_constant(_without_cast(item)) for item in items]
    if None in statuses:
        raise OtherCondition
    return tuple(sorted({status for status in statuses if status is not None}))


def read_statuses_of_text(condition: str | None) -> Statuses:
    """Return the statuses of a condition that a server prints; as `read_statuses` does."""
    if condition is None:
        return None
    (entry,) = pgparse.parse(f"SELECT {condition}")
    return read_statuses(entry["stmt"]["SelectStmt"]["targetList"][0]["ResTarget"]["val"])


def _without_cast(node: Node) -> Node:
    while "TypeCast" in node:
        node = node["TypeCast"]["arg"]
    return node


def _last_name(fields: list[Node] | tuple[()]) -> str:
    return fields[-1].get("String", {}).get("sval", "") if fields else ""
