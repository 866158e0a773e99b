"""Applies ALTER TABLE, and ALTER TYPE … ADD ATTRIBUTE, which has the same parse tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from jobgen.schema.model import Column, CompositeType
from jobgen.schema.parse.create_table import (
    IDENTITIES,
    add_column,
    add_constraint,
    declared_column,
    default_changes,
)
from jobgen.schema.parse.draft import Draft, TableDraft
from jobgen.schema.parse.not_null import (
    drop_not_null,
    inherit_drop_not_null,
    inherit_not_null,
    inherit_set_not_null,
    keep_not_null,
    set_not_null,
)
from jobgen.schema.parse.tree import Node, relation_parts

_Action = Callable[[Draft, TableDraft, Node], None]


def alter_table(draft: Draft, statement: Node) -> None:
    """Apply the commands of an ALTER TABLE to the table and to those that inherit from it.

    A table that Schema.sql does not create (the runtime's, an extension's) is ignored.
    """
    parts = relation_parts(statement["relation"])
    if statement["objtype"] == "OBJECT_TYPE":
        _alter_composite(draft, parts, statement)
        return
    table = draft.find_table(parts)
    if table is None:
        return
    only = not statement["relation"].get("inh")
    descendants = [] if only else list(draft.with_descendants(table))[1:]
    for entry in statement["cmds"]:
        command = entry["AlterTableCmd"]
        subtype = command["subtype"]
        if subtype in _ON_TABLE:
            _ON_TABLE[subtype](draft, table, command)
        if subtype in _ON_DESCENDANTS:
            for child in descendants:
                _ON_DESCENDANTS[subtype](draft, child, command)
        if only:
            for child in draft.children(table):
                keep_not_null(draft, child)
        if command.get("def", {}).get("Constraint", {}).get("contype") == "CONSTR_PRIMARY":
            _inherit_key(table, descendants)


def _inherit_key(table: TableDraft, descendants: list[TableDraft]) -> None:
    """Make a new key's columns NOT NULL in all descendants, and the key of partitions."""
    for child in descendants:
        if child.is_partition and not child.primary_key:
            child.set_primary_key(table.primary_key, None)
        for name in table.primary_key:
            inherit_not_null(child, name)


def _add_column(draft: Draft, table: TableDraft, command: Node) -> None:
    definition = command["def"]["ColumnDef"]
    if not (command.get("missing_ok") and definition["colname"] in table.columns):
        add_column(draft, table, definition)


def _inherit_column(draft: Draft, child: TableDraft, command: Node) -> None:
    """Add the column as a parent has it now, or merge it with the child's own column."""
    name = command["def"]["ColumnDef"]["colname"]
    parents = [parent for parent in draft.parents(child) if name in parent.columns]
    if not parents:
        return
    parent, column = parents[0], parents[0].columns[name]
    if name in child.columns:
        if column.not_null:
            inherit_not_null(child, name)
        return
    child.columns[name] = replace(column, identity=column.identity if child.is_partition else None)
    if column.not_null:
        child.inherited_not_null.add(name)
    if child.is_partition and name in parent.primary_key:
        child.set_primary_key(parent.primary_key, None)


def _drop_column(draft: Draft, table: TableDraft, command: Node) -> None:
    name = command["name"]
    table.columns.pop(name, None)
    table.local.discard(name)
    table.inherited_not_null.discard(name)
    if name in table.primary_key:
        table.primary_key = ()
    for index in [
        key
        for key, index in draft.others.items()
        if index.table == table.name and name in index.columns
    ]:
        del draft.others[index]


def _drop_inherited_column(draft: Draft, child: TableDraft, command: Node) -> None:
    """Drop a parent's column, unless the child or another parent declares it too."""
    name = command["name"]
    is_own = name in child.local and not child.is_partition
    if not is_own and not any(name in parent.columns for parent in draft.parents(child)):
        _drop_column(draft, child, command)
    keep_not_null(draft, child)


def _alter_type(draft: Draft, table: TableDraft, command: Node) -> None:
    type_ = draft.type_ref(command["def"]["ColumnDef"]["typeName"])
    table.change(command["name"], type=type_)


def _change_default(_draft: Draft, table: TableDraft, command: Node) -> None:
    table.change(command["name"], **default_changes(command.get("def")))


def _add_identity(_draft: Draft, table: TableDraft, command: Node) -> None:
    identity = IDENTITIES[command["def"]["Constraint"]["generated_when"]]
    table.change(command["name"], identity=identity)


def _set_identity(_draft: Draft, table: TableDraft, command: Node) -> None:
    for item in command["def"]["List"]["items"]:
        if item["DefElem"]["defname"] == "generated":
            letter = chr(item["DefElem"]["arg"]["Integer"]["ival"])
            table.change(command["name"], identity=IDENTITIES[letter])


def _drop_identity(_draft: Draft, table: TableDraft, command: Node) -> None:
    table.change(command["name"], identity=None)


def _drop_expression(_draft: Draft, table: TableDraft, command: Node) -> None:
    table.change(command["name"], generated=False)


def _add_constraint(draft: Draft, table: TableDraft, command: Node) -> None:
    add_constraint(draft, table, command["def"]["Constraint"])


def _drop_constraint(_draft: Draft, table: TableDraft, command: Node) -> None:
    if table.primary_key and command["name"] == table.primary_key_constraint:
        table.primary_key = ()


def _attach_partition(draft: Draft, table: TableDraft, command: Node) -> None:
    partition = draft.find_table(relation_parts(command["def"]["PartitionCmd"]["name"]))
    if partition is not None:
        partition.parents = [table.name]
        partition.is_partition = True
        if table.primary_key and not partition.primary_key:
            partition.set_primary_key(table.primary_key, None)


def _detach_partition(draft: Draft, _table: TableDraft, command: Node) -> None:
    partition = draft.find_table(relation_parts(command["def"]["PartitionCmd"]["name"]))
    if partition is not None:
        partition.parents = []
        partition.is_partition = False
        keep_not_null(draft, partition)


def _add_parent(draft: Draft, table: TableDraft, command: Node) -> None:
    table.parents.append(draft.require_table(command["def"]["RangeVar"]).name)


def _drop_parent(draft: Draft, table: TableDraft, command: Node) -> None:
    parent = draft.require_table(command["def"]["RangeVar"]).name
    table.parents = [name for name in table.parents if name != parent]
    table.local.update(table.columns)
    keep_not_null(draft, table)


_ON_BOTH: dict[str, _Action] = {
    "AT_AlterColumnType": _alter_type,
    "AT_ColumnDefault": _change_default,
    "AT_DropExpression": _drop_expression,
}
_ON_DESCENDANTS: dict[str, _Action] = {
    "AT_AddColumn": _inherit_column,
    "AT_DropColumn": _drop_inherited_column,
    "AT_SetNotNull": inherit_set_not_null,
    "AT_DropNotNull": inherit_drop_not_null,
    **_ON_BOTH,
}
_ON_TABLE: dict[str, _Action] = {
    "AT_AddColumn": _add_column,
    "AT_DropColumn": _drop_column,
    "AT_SetNotNull": set_not_null,
    "AT_DropNotNull": drop_not_null,
    "AT_AddIdentity": _add_identity,
    "AT_SetIdentity": _set_identity,
    "AT_DropIdentity": _drop_identity,
    "AT_AddConstraint": _add_constraint,
    "AT_DropConstraint": _drop_constraint,
    "AT_AttachPartition": _attach_partition,
    "AT_DetachPartition": _detach_partition,
    "AT_AddInherit": _add_parent,
    "AT_DropInherit": _drop_parent,
    **_ON_BOTH,
}


def _alter_composite(draft: Draft, parts: list[str], statement: Node) -> None:
    name = draft.find_type(parts)
    composite = draft.types[name] if name else None
    if name is None or not isinstance(composite, CompositeType):
        return
    attributes = {column.name: column for column in composite.attributes}
    for entry in statement["cmds"]:
        command = entry["AlterTableCmd"]
        _alter_attribute(draft, attributes, command)
        for table in draft.tables.values():
            if table.of_type == name:
                _alter_attribute(draft, table.columns, command)
    draft.types[name] = CompositeType(tuple(attributes.values()))


def _alter_attribute(draft: Draft, attributes: dict[str, Column], command: Node) -> None:
    match command["subtype"]:
        case "AT_AddColumn":
            definition = command["def"]["ColumnDef"]
            name = definition["colname"]
            attributes[name] = declared_column(draft, name, definition["typeName"])
        case "AT_DropColumn":
            attributes.pop(command["name"], None)
        case "AT_AlterColumnType" if command["name"] in attributes:
            changed = draft.type_ref(command["def"]["ColumnDef"]["typeName"])
            attributes[command["name"]] = replace(attributes[command["name"]], type=changed)
        case _:
            pass
