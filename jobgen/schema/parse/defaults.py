"""Reads the default of a column, where it is a constant or the call of a function."""

from __future__ import annotations

import pgparse

from jobgen.schema.model import Default
from jobgen.schema.parse.tree import Node, strings


def read_default(node: Node) -> Default | None:
    """Return the default that an expression's node gives; None if it is another kind."""
    while "TypeCast" in node:
        node = node["TypeCast"]["arg"]
    if "A_Const" in node:
        return _constant(node["A_Const"])
    if "A_ArrayExpr" in node and not node["A_ArrayExpr"].get("elements"):
        return Default("{}")
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
