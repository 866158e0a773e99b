"""Reads details of a table's columns from the text of Schema.sql that no record needs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pgparse
from jobgen_runtime.job_table.names import object_name

from jobgen.schema.model import QualifiedName
from jobgen.schema.parse.defaults import read_default
from jobgen.schema.parse.tree import Node, is_null_constant, name_parts, relation_parts, strings
from jobgen.schema.script.script import Script

_SUFFIXES = {"CONSTR_UNIQUE": "_key", "CONSTR_FOREIGN": "_fkey"}
_DELETE_RULES = {"c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT", "r": "RESTRICT"}
_COLUMNS = {"CONSTR_UNIQUE": "keys", "CONSTR_FOREIGN": "fk_attrs"}


@dataclass(slots=True)
class TableDetails:
    """The defaults, references, unique constraints and indexes of a table.

    Attributes:
        defaults: The normalised default of each column that has one other than NULL.
        references: The name of the referenced table, as it is written, by column.
        on_delete: What happens to the row when the referenced one is deleted, in SQL, by column; a
            reference without a rule is not in it.
        constraints: The kind and the column of each constraint of one column, by its name.
        indexes: The first column of each index by its name, and whether it is UNIQUE alone.
    """

    defaults: dict[str, str] = field(default_factory=dict)
    references: dict[str, tuple[str, ...]] = field(default_factory=dict)
    on_delete: dict[str, str] = field(default_factory=dict)
    constraints: dict[str, tuple[str, str]] = field(default_factory=dict)
    indexes: dict[str, tuple[str, bool]] = field(default_factory=dict)

    @property
    def unique(self) -> frozenset[str]:
        """The columns that are UNIQUE alone."""
        named = {column for kind, column in self.constraints.values() if kind == "CONSTR_UNIQUE"}
        return frozenset(named | {column for column, unique in self.indexes.values() if unique})

    @property
    def indexed(self) -> frozenset[str]:
        """The columns by which an index begins."""
        return self.unique | {column for column, _ in self.indexes.values()}


def read_details(script: Script, table: QualifiedName) -> TableDetails | None:
    """Return the details of a table.

    Returns:
        None if the script does not create the table in its main file, under this name.
    """
    found: TableDetails | None = None
    for statement in script.statements():
        if table.name not in statement.text:
            continue
        try:
            entries = pgparse.parse(statement.text)
        except (pgparse.PGQueryError, RecursionError):
            continue
        for entry in entries:
            for kind, body in entry.get("stmt", {}).items():
                if kind == "CreateStmt" and _is_table(body["relation"], table):
                    found = TableDetails()
                if found is not None and kind in _ACTIONS:
                    _ACTIONS[kind](found, table, body)
    return found


def normalized_default(sql: str) -> str:
    """Return a default in the form of `TableDetails.defaults`."""
    (entry,) = pgparse.parse(f"SELECT {sql}")
    return _normalized(entry["stmt"]["SelectStmt"]["targetList"][0]["ResTarget"]["val"])


def _normalized(node: Node) -> str:
    """Return an expression without its position; a constant without its type."""
    known = read_default(node)
    return json.dumps(known or _without_locations(node), sort_keys=True)


def _without_locations(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_locations(each) for key, each in node.items() if key != "location"}
    if isinstance(node, list):
        return [_without_locations(each) for each in node]
    return node


def _is_table(relation: Node, table: QualifiedName) -> bool:
    parts = relation_parts(relation)
    return parts[-1] == table.name and parts[0] in (table.schema, table.name)


def _create_table(found: TableDetails, table: QualifiedName, body: Node) -> None:
    if not _is_table(body["relation"], table):
        return
    for element in body.get("tableElts", ()):
        if "ColumnDef" in element:
            _add_column(found, table, element["ColumnDef"])
        elif "Constraint" in element:
            _add_constraint(found, table, element["Constraint"], None)


def _add_column(found: TableDetails, table: QualifiedName, definition: Node) -> None:
    name = definition["colname"]
    for entry in definition.get("constraints", ()):
        constraint = entry["Constraint"]
        if constraint["contype"] == "CONSTR_DEFAULT":
            _set_default(found, name, constraint["raw_expr"])
        else:
            _add_constraint(found, table, constraint, name)


def _set_default(found: TableDetails, column: str, expression: Node | None) -> None:
    found.defaults.pop(column, None)
    if expression is not None and not is_null_constant(expression):
        found.defaults[column] = _normalized(expression)


def _add_constraint(
    found: TableDetails, table: QualifiedName, constraint: Node, column: str | None
) -> None:
    kind = constraint["contype"]
    if kind not in _SUFFIXES:
        return
    columns = [column] if column else strings(constraint.get(_COLUMNS[kind], []))
    if len(columns) != 1:
        return
    name = constraint.get("conname") or object_name(table.name, f"{columns[0]}{_SUFFIXES[kind]}")
    found.constraints[name] = (kind, columns[0])
    if kind == "CONSTR_FOREIGN":
        found.references[columns[0]] = tuple(relation_parts(constraint["pktable"]))
        found.on_delete.pop(columns[0], None)
        if rule := _DELETE_RULES.get(constraint.get("fk_del_action", "")):
            found.on_delete[columns[0]] = rule


def _alter_table(found: TableDetails, table: QualifiedName, body: Node) -> None:
    if not _is_table(body["relation"], table):
        return
    for entry in body["cmds"]:
        command = entry["AlterTableCmd"]
        match command["subtype"]:
            case "AT_AddColumn":
                _add_column(found, table, command["def"]["ColumnDef"])
            case "AT_ColumnDefault":
                _set_default(found, command["name"], command.get("def"))
            case "AT_AddConstraint":
                _add_constraint(found, table, command["def"]["Constraint"], None)
            case "AT_DropConstraint":
                kind, column = found.constraints.pop(command["name"], ("", ""))
                if kind == "CONSTR_FOREIGN":
                    found.references.pop(column, None)
            case "AT_DropColumn":
                _forget(found, command["name"])
            case _:
                pass


def _forget(found: TableDetails, column: str) -> None:
    found.defaults.pop(column, None)
    found.references.pop(column, None)
    found.constraints = {k: v for k, v in found.constraints.items() if v[1] != column}
    found.indexes = {k: v for k, v in found.indexes.items() if v[0] != column}


def _create_index(found: TableDetails, table: QualifiedName, body: Node) -> None:
    columns = [each["IndexElem"].get("name", "") for each in body.get("indexParams", ())]
    if _is_table(body["relation"], table) and columns and "whereClause" not in body:
        is_unique = bool(body.get("unique")) and len(columns) == 1
        found.indexes[body.get("idxname", "")] = (columns[0], is_unique)


def _drop(found: TableDetails, _table: QualifiedName, body: Node) -> None:
    if body["removeType"] == "OBJECT_INDEX":
        for node in body["objects"]:
            found.indexes.pop(name_parts(node)[-1], None)


def _rename(found: TableDetails, table: QualifiedName, body: Node) -> None:
    if body["renameType"] != "OBJECT_COLUMN" or not _is_table(body["relation"], table):
        return
    old, new = body["subname"], body["newname"]
    if old in found.defaults:
        found.defaults[new] = found.defaults.pop(old)
    if old in found.references:
        found.references[new] = found.references.pop(old)
    if old in found.on_delete:
        found.on_delete[new] = found.on_delete.pop(old)
    found.constraints = {
        name: (kind, new if column == old else column)
        for name, (kind, column) in found.constraints.items()
    }
    found.indexes = {
        name: (new if column == old else column, unique)
        for name, (column, unique) in found.indexes.items()
    }


_ACTIONS = {
    "CreateStmt": _create_table,
    "AlterTableStmt": _alter_table,
    "IndexStmt": _create_index,
    "DropStmt": _drop,
    "RenameStmt": _rename,
}
