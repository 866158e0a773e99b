"""Parts of pgparse's parse tree: names, types and constants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

# The tree is JSON of some 250 node types; what is read of it here is checked by the tests
# against the catalogs of a server.
Node: TypeAlias = Mapping[str, Any]

# Bits of an interval's fields, as PostgreSQL numbers them, and their spelling.
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
    """The texts of a list of String nodes."""
    return [node["String"].get("sval", "") for node in nodes]


def name_parts(node: Node) -> list[str]:
    """A name that is written as a list, a type name or a range variable, in its parts."""
    if "List" in node:
        return strings(node["List"]["items"])
    if "TypeName" in node:
        return strings(node["TypeName"]["names"])
    if "String" in node:
        return [node["String"].get("sval", "")]
    return relation_parts(node.get("RangeVar", node))


def relation_parts(relation: Node) -> list[str]:
    """`schema.name` or `name` of a RangeVar."""
    schema = relation.get("schemaname")
    return [schema, relation["relname"]] if schema else [relation["relname"]]


def string_constant(node: Node) -> str | None:
    """The text of a string constant."""
    constant = node.get("A_Const", {}).get("sval")
    return None if constant is None else str(constant.get("sval", ""))


def is_null_constant(node: Node) -> bool:
    """NULL, or NULL with a cast: PostgreSQL stores no default for it."""
    while "TypeCast" in node:
        node = node["TypeCast"]["arg"]
    return bool(node.get("A_Const", {}).get("isnull"))


def type_modifiers(type_name: Node, name: str) -> str:
    """What stands in the brackets after a type's name, as format_type() spells it."""
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
