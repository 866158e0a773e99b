"""Finds the statements whose effect on tables and types is not clear from the text alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jobgen.schema.parse.tree import Node, string_constant, strings

# The words that a body needs to change a schema, or to call a function that changes one.
_CHANGES = re.compile(r"\b(create|alter|drop|execute|perform|call|select)\b", re.IGNORECASE)
# Functions that scripts call without pg_catalog, and that change no schema.
_HARMLESS = frozenset(
    {
        *("count", "current_setting", "currval", "gen_random_uuid", "lastval", "length", "max"),
        *("min", "nextval", "now", "pg_notify", "pg_sleep", "set_config", "setval", "version"),
    }
)
# Dropping one of these with CASCADE drops columns or their defaults.
_DROPPED_WITH_DEPENDENTS = frozenset(
    {
        *("OBJECT_AGGREGATE", "OBJECT_COLLATION", "OBJECT_EXTENSION", "OBJECT_FUNCTION"),
        *("OBJECT_OPERATOR", "OBJECT_PROCEDURE", "OBJECT_ROUTINE", "OBJECT_SEQUENCE"),
    }
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a statement may do; `location` is the byte that it is at, None if the tree has none."""

    reason: str
    location: int | None = None


def find_doubt(statement: Node) -> Doubt | None:
    """Return why only a server can say what the statement does; None where the text is clear."""
    for kind, body in statement.items():
        if check := _CHECKS.get(kind):
            return check(body)
    return None


def _do(body: Node) -> Doubt | None:
    arguments = [entry["DefElem"] for entry in body.get("args", ())]
    for argument in arguments:
        text = argument["arg"].get("String", {}).get("sval", "")
        if argument["defname"] == "as" and _CHANGES.search(text):
            return Doubt("a DO block may create or change tables and types", argument["location"])
    return None


def _call(body: Node) -> Doubt:
    return Doubt("a procedure may create or change tables and types", _location(body["funccall"]))


def _execute(_body: Node) -> Doubt:
    return Doubt("a prepared statement may create or change tables and types")


def _select(body: Node) -> Doubt | None:
    for call in _function_calls(body):
        name = strings(call.get("funcname", []))
        if name[-1] == "set_config" and _is_local_path(call):
            return Doubt("this search_path ends with its transaction", _location(call))
        if name[0] != "pg_catalog" and name[-1] not in _HARMLESS:
            reason = f"the function {'.'.join(name)} may create or change tables and types"
            return Doubt(reason, _location(call))
    return None


def _is_local_path(call: Node) -> bool:
    """Return whether a call of set_config sets the search_path for a transaction."""
    setting, _, is_local = [*call.get("args", ()), {}, {}, {}][:3]
    is_true = is_local.get("A_Const", {}).get("boolval", {}).get("boolval", False)
    return string_constant(setting) == "search_path" and bool(is_true)


def _function_calls(body: Node) -> Iterator[Node]:
    pending: list[object] = [body]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if "FuncCall" in node:
                yield node["FuncCall"]
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)


def _transaction(body: Node) -> Doubt | None:
    if body["kind"].startswith("TRANS_STMT_ROLLBACK"):
        return Doubt("a transaction is rolled back", body.get("location"))
    return None


def begun_transaction(statement: Node, location: int, begun: int | None) -> int | None:
    """Return the byte at which the transaction begins that is open after a statement.

    Args:
        statement: The statement.
        location: Its byte.
        begun: The byte of the transaction that is open before it; None for none.
    """
    body = statement.get("TransactionStmt")
    if body is None or "SAVEPOINT" in body["kind"] or body["kind"].endswith(("_TO", "_RELEASE")):
        return begun
    return location if body["kind"] in {"TRANS_STMT_BEGIN", "TRANS_STMT_START"} else None


def _set_variable(body: Node) -> Doubt | None:
    if body.get("is_local") and body.get("name") == "search_path":
        location = next(
            (_location(value.get("A_Const", {})) for value in body.get("args", ())), None
        )
        return Doubt("SET LOCAL search_path ends with its transaction", location)
    if body.get("name") == "search_path" and body.get("args"):
        first = body["args"][0]
        if string_constant(first) == "pg_temp":
            reason = "objects are temporary while pg_temp is first in the search_path"
            return Doubt(reason, _location(first.get("A_Const", {})))
    return None


def _drop(body: Node) -> Doubt | None:
    if body.get("behavior") == "DROP_CASCADE" and body["removeType"] in _DROPPED_WITH_DEPENDENTS:
        return Doubt("CASCADE may drop columns or their defaults")
    return None


def _alter_table(body: Node) -> Doubt | None:
    location = _location(body["relation"])
    for entry in body["cmds"]:
        command = entry["AlterTableCmd"]
        if command["subtype"] == "AT_DropOf":
            return Doubt("the table is no longer one of its type", location)
        if command["subtype"] == "AT_DropColumn" and command.get("behavior") == "DROP_CASCADE":
            return Doubt("CASCADE may drop other columns", location)
    return None


def _location(node: Node) -> int | None:
    location = node.get("location")
    return None if location is None else int(location)


_CHECKS = {
    "DoStmt": _do,
    "CallStmt": _call,
    "ExecuteStmt": _execute,
    "SelectStmt": _select,
    "TransactionStmt": _transaction,
    "VariableSetStmt": _set_variable,
    "DropStmt": _drop,
    "AlterTableStmt": _alter_table,
}
