"""Reads the name of a type as PostgreSQL's grammar does, such as `interval day to second(3)`."""

from __future__ import annotations

from dataclasses import dataclass

import pgparse

from jobgen.schema.parse.tree import Node, strings, type_modifiers

_NOT_A_NAME = ("setof", "pct_type")


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type as it is written.

    Attributes:
        parts: Its name, with the schema if that is written. PostgreSQL's grammar writes out SQL's
            own spellings: `("pg_catalog", "int4")` for `integer`.
        modifiers: Its modifiers as `TypeRef` has them.
        dimensions: The number of array brackets; `ARRAY` counts as one.
    """

    parts: tuple[str, ...]
    modifiers: str
    dimensions: int


def parse_type_name(text: str) -> TypeName:
    """Return the type that `text` names.

    Raises:
        ValueError: The text is not the name of a type and nothing else. The message is that of
            PostgreSQL's grammar, or "" if the text is valid SQL of another kind.
    """
    if any(mark in text for mark in (";", "--", "/*")):
        raise ValueError("")
    try:
        statements = pgparse.parse(f"SELECT NULL::{text}")
    except pgparse.PGQueryError as error:
        raise ValueError(error.message) from None
    except RecursionError:
        raise ValueError("") from None
    name = _type_of_cast(statements[0].get("stmt", {})) if len(statements) == 1 else None
    if name is None or any(key in name for key in _NOT_A_NAME):
        raise ValueError("")
    parts = tuple(strings(name["names"]))
    return TypeName(parts, type_modifiers(name, parts[-1]), len(name.get("arrayBounds", ())))


def _type_of_cast(statement: Node) -> Node | None:
    """Return the TypeName node of `SELECT NULL::type`; None for any other statement."""
    select = statement.get("SelectStmt", {})
    targets = select.get("targetList", [])
    if len(targets) != 1 or not select.keys() <= {"targetList", "limitOption", "op"}:
        return None
    target = targets[0].get("ResTarget", {})
    cast = target.get("val", {}).get("TypeCast", {})
    if "name" in target or not cast.get("arg", {}).get("A_Const", {}).get("isnull"):
        return None
    type_name: Node | None = cast.get("typeName")
    return type_name
