"""Reads the default of a column, where it is a constant or the call of a function."""

from __future__ import annotations

import pgparse

from jobgen.schema.model import Default
from jobgen.schema.parse.tree import Node, strings

_ROUNDING = frozenset({"int2", "int4", "int8", "float4"})
"""The types that round a number with a fraction."""


def read_default(node: Node) -> Default | None:
    """Return the default that an expression's node gives; None if it is another kind.

    A cast that may change the value, such as `1.239::numeric(3,1)`, is another kind.
    """
    casts: list[Node] = []
    while "TypeCast" in node:
        casts.append(node["TypeCast"]["typeName"])
        node = node["TypeCast"]["arg"]
    if "A_Const" in node:
        constant = node["A_Const"]
        return None if any(_may_change(constant, cast) for cast in casts) else _constant(constant)
    if "A_ArrayExpr" in node and not node["A_ArrayExpr"].get("elements"):
        return Default("{}")
    if casts:
        return None
    if "SQLValueFunction" in node:
        name = node["SQLValueFunction"].get("op", "")
        return Default(name.removeprefix("SVFOP_").lower(), is_function=True)
    call = node.get("FuncCall", {})
    if call and not call.get("args"):
        return Default(".".join(strings(call["funcname"])), is_function=True)
    return None


def read_default_text(expression: str) -> Default | None:
    """Return the default that an expression gives, as pg_get_expr() prints it."""
    try:
        [entry] = pgparse.parse(f"SELECT {expression}")
    except (pgparse.PGQueryError, RecursionError):
        return None
    [target] = entry["stmt"]["SelectStmt"]["targetList"]
    return read_default(target["ResTarget"]["val"])


def _may_change(constant: Node, cast: Node) -> bool:
    """Return whether a cast to a type may round or truncate a constant."""
    *_, name = strings(cast["names"])
    return "typmods" in cast or name == "char" or ("fval" in constant and name in _ROUNDING)


def _constant(constant: Node) -> Default | None:
    if "ival" in constant:
        return Default(str(constant["ival"].get("ival", 0)))
    if "fval" in constant:
        return Default(str(constant["fval"].get("fval", 0)))
    if "boolval" in constant:
        return Default(str(bool(constant["boolval"].get("boolval"))).lower())
    if "sval" in constant:
        return Default(str(constant["sval"].get("sval", "")))
    return None
