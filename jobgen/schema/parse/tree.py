"""Reads names, types and constants from pgparse's parse tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Node: TypeAlias = Mapping[str, Any]
"""A node of the parse tree, which is JSON of about 250 node types.

Typing them all is not worth it: the tests compare what is read here with a server's catalogs.
"""

# The bit masks of an interval's fields in PostgreSQL (INTERVAL_MASK), with their spelling.
INTERVAL_FIELDS = {
    4: " year",
    2: " month",
    8: " day",
    1024: " hour",
    2048: " minute",
    4096: " second",
    6: " year to month",
    1032: " day to hour",
    3080: " day to minute",
    7176: " day to second",
    3072: " hour to minute",
    7168: " hour to second",
    6144: " minute to second",
    32767: "",
}


def strings(nodes: list[Node]) -> list[str]:
    """Return the values of a list of String nodes."""
    return [node["String"].get("sval", "") for node in nodes]


def name_parts(node: Node) -> list[str]:
    """Return the parts of a name that is a List, a TypeName, a String or a RangeVar node."""
    if "List" in node:
        return strings(node["List"]["items"])
    if "TypeName" in node:
        return strings(node["TypeName"]["names"])
    if "String" in node:
        return [node["String"].get("sval", "")]
    return relation_parts(node.get("RangeVar", node))


def relation_parts(relation: Node) -> list[str]:
    """Return the parts of a RangeVar's name: `[schema, name]` or `[name]`."""
    schema = relation.get("schemaname")
    return [schema, relation["relname"]] if schema else [relation["relname"]]


def is_temporary(relation: Node) -> bool:
    """Return whether a RangeVar names a relation that is created for the session only."""
    return relation.get("relpersistence") == "t" or relation.get("schemaname") == "pg_temp"


def string_constant(node: Node) -> str | None:
    """Return the value of a string constant; None if the node is not one."""
    constant = node.get("A_Const", {}).get("sval")
    return None if constant is None else str(constant.get("sval", ""))


def is_null_constant(node: Node) -> bool:
    """Return whether the node is NULL, with or without a cast.

    PostgreSQL stores no default for either.
    """
    while "TypeCast" in node:
        node = node["TypeCast"]["arg"]
    return bool(node.get("A_Const", {}).get("isnull"))


def type_modifiers(type_name: Node, name: str) -> str:
    """Return the modifiers of a TypeName node as format_type() spells them: `(10,2)`."""
    values = [_modifier(node) for node in type_name.get("typmods", [])]
    if not values:
        return ""
    if name == "interval":
        fields = INTERVAL_FIELDS.get(int(values[0]), "")
        return fields + (f"({values[1]})" if len(values) > 1 else "")
    if name == "numeric" and len(values) == 1:
        values.append("0")
    return f"({','.join(values)})"


def _modifier(node: Node) -> str:
    if "ColumnRef" in node:
        return ".".join(strings(node["ColumnRef"]["fields"]))
    constant = node.get("A_Const", {})
    if "ival" in constant:
        return str(constant["ival"].get("ival", 0))
    if "fval" in constant:
        return str(constant["fval"]["fval"])
    if "A_Expr" in node:
        # numeric(3,-2): a minus before the constant.
        return "-" + _modifier(node["A_Expr"]["rexpr"])
    return string_constant(node) or ""
