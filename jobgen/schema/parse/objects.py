"""Applies DROP, RENAME, SET SCHEMA, search_path, and CREATE of indexes, sequences and views."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from jobgen.schema.model import DEFAULT_SEARCH_PATH, QualifiedName
from jobgen.schema.parse.draft import Draft, OtherDraft, Unresolved
from jobgen.schema.parse.extensions import drop_extension, move_extension
from jobgen.schema.parse.tree import (
    Node,
    is_temporary,
    name_parts,
    relation_parts,
    string_constant,
    strings,
)
from jobgen.schema.parse.unique_indexes import OtherCondition, read_statuses
from jobgen.schema.parse.user_types import rename_attribute

_TABLES = ("OBJECT_TABLE", "OBJECT_FOREIGN_TABLE")
_TYPES = ("OBJECT_TYPE", "OBJECT_DOMAIN")
_OTHERS = ("OBJECT_INDEX", "OBJECT_SEQUENCE", "OBJECT_VIEW", "OBJECT_MATVIEW")
_NAMED = (*_TABLES, *_TYPES, *_OTHERS)
_PARTS = ("OBJECT_COLUMN", "OBJECT_TABCONSTRAINT", "OBJECT_ATTRIBUTE")


def drop(draft: Draft, statement: Node) -> None:
    """Apply DROP of a table, type, domain, index, sequence, view or schema.

    Objects that do not exist are ignored.
    """
    kind = statement["removeType"]
    if kind not in _NAMED and kind not in ("OBJECT_SCHEMA", "OBJECT_EXTENSION"):
        return
    for node in statement["objects"]:
        parts = name_parts(node)
        if kind == "OBJECT_SCHEMA":
            _drop_schema(draft, parts[-1])
        elif kind == "OBJECT_EXTENSION":
            drop_extension(draft, parts[-1])
        elif kind in _TABLES and len(parts) == 1 and parts[0] in draft.temporary:
            draft.temporary.discard(parts[0])
        elif kind in _TABLES and (table := draft.find_table(parts)):
            draft.drop_table(table.name)
        elif kind in _TYPES and (type_ := draft.find_type(parts)):
            _drop_type(draft, type_)
        elif kind in _OTHERS and (other := draft.find_other(parts)):
            del draft.others[other]
            draft.drop_users_of_type(other)


def _drop_schema(draft: Draft, schema: str) -> None:
    for table in [name for name in draft.tables if name.schema == schema]:
        draft.drop_table(table)
    for type_ in [name for name in draft.types if name.schema == schema]:
        _drop_type(draft, type_)
    for other in [name for name in draft.others if name.schema == schema]:
        del draft.others[other]


def _drop_type(draft: Draft, name: QualifiedName) -> None:
    """Drop a type and, as CASCADE does, all that is made of it."""
    draft.types.pop(name, None)
    draft.drop_users_of_type(name)


def rename(draft: Draft, statement: Node) -> None:
    """Apply RENAME of a table, column, constraint, type, attribute, index, sequence or view."""
    kind, new = statement["renameType"], statement["newname"]
    if kind == "OBJECT_SCHEMA":
        _rename_schema(draft, statement["subname"], new)
    if kind not in _NAMED and kind not in _PARTS:
        return
    parts = name_parts(statement["object"] if "object" in statement else statement["relation"])
    table = draft.find_table(parts)
    if kind == "OBJECT_COLUMN" and table:
        for child in draft.with_descendants(table):
            draft.rename_column(child, statement["subname"], new)
    elif kind == "OBJECT_TABCONSTRAINT" and table:
        if table.primary_key_constraint == statement["subname"]:
            table.primary_key_constraint = new
    elif kind == "OBJECT_ATTRIBUTE" and (type_ := draft.find_type(parts)):
        rename_attribute(draft, type_, statement["subname"], new)
    elif kind in _NAMED:
        # ALTER TABLE … RENAME TO also renames indexes, sequences and views.
        _move(draft, parts, kind, schema=None, name=new)


def _rename_schema(draft: Draft, old: str, new: str) -> None:
    for name in [name for name in (*draft.tables, *draft.types) if name.schema == old]:
        moved = QualifiedName(new, name.name)
        if name in draft.tables:
            draft.rename_table(name, moved)
        draft.rename_type(name, moved)
    for name in [name for name in draft.others if name.schema == old]:
        draft.others[QualifiedName(new, name.name)] = draft.others.pop(name)


def set_schema(draft: Draft, statement: Node) -> None:
    """Apply SET SCHEMA."""
    if statement["objectType"] == "OBJECT_EXTENSION":
        move_extension(draft, name_parts(statement["object"])[-1], statement["newschema"])
    if statement["objectType"] not in _NAMED:
        return
    parts = name_parts(statement["object"] if "object" in statement else statement["relation"])
    _move(draft, parts, statement["objectType"], schema=statement["newschema"], name=None)


def _move(
    draft: Draft, parts: list[str], kind: str, *, schema: str | None, name: str | None
) -> None:
    def moved(old: QualifiedName) -> QualifiedName:
        return QualifiedName(schema or old.schema, name or old.name)

    if kind in _TYPES:
        if type_ := draft.find_type(parts):
            draft.rename_type(type_, moved(type_))
    elif table := draft.find_table(parts):
        old = table.name
        draft.rename_table(old, moved(old))
        draft.rename_type(old, moved(old))
        if schema:
            for index in [key for key, value in draft.others.items() if value.table == moved(old)]:
                draft.others[QualifiedName(schema, index.name)] = draft.others.pop(index)
    elif other := draft.find_other(parts):
        draft.others[moved(other)] = draft.others.pop(other)
    else:
        _rename_key(draft, parts, name)


def _rename_key(draft: Draft, parts: list[str], name: str | None) -> None:
    """Rename a primary key's constraint, as ALTER INDEX does with a key's index."""
    for table in draft.tables.values():
        if name and table.primary_key_constraint == parts[-1]:
            table.primary_key_constraint = name


def create_index(draft: Draft, statement: Node) -> None:
    """Add a named index, which is created in its table's schema."""
    table = draft.find_table(relation_parts(statement["relation"]))
    if "idxname" not in statement:
        return
    schema = table.name.schema if table else draft.new_name([""]).schema
    columns = tuple(
        param["IndexElem"].get("name", "") for param in statement.get("indexParams", ())
    )
    name = QualifiedName(schema, statement["idxname"])
    if statement.get("if_not_exists") and name in draft.others:
        return
    index = OtherDraft(table.name if table else None, columns)
    if statement.get("unique") and all(columns):
        with suppress(OtherCondition):
            statuses = read_statuses(statement.get("whereClause"))
            index = replace(index, is_unique=True, statuses=statuses)
    draft.others[name] = index


def create_view(draft: Draft, statement: Node) -> None:
    """Add the name of a view."""
    if not is_temporary(statement["view"]):
        draft.others[draft.new_name(relation_parts(statement["view"]))] = OtherDraft()


def create_table_as(draft: Draft, statement: Node) -> None:
    """Add the name of a materialized view.

    Raises:
        Unresolved: The statement is CREATE TABLE AS, whose columns only a server can determine.
    """
    relation = statement["into"]["rel"]
    parts = relation_parts(relation)
    if statement["objtype"] == "OBJECT_MATVIEW":
        draft.others[draft.new_name(parts)] = OtherDraft()
    elif not is_temporary(relation):
        reason = f'the columns of table "{".".join(parts)}" depend on a query'
        raise Unresolved(reason, relation.get("location", 0))


def select(draft: Draft, statement: Node) -> None:
    """Apply SELECT … INTO, and set_config('search_path', …), with which pg_dump sets it."""
    if "intoClause" in statement:
        create_table_as(draft, {"into": statement["intoClause"], "objtype": "OBJECT_TABLE"})
    for target in statement.get("targetList", ()):
        call = target["ResTarget"].get("val", {}).get("FuncCall", {})
        if strings(call.get("funcname", []))[-1:] == ["set_config"]:
            name, value = map(string_constant, [*call.get("args", ()), {}, {}][:2])
            if name == "search_path" and value is not None:
                names = [part.strip().strip('"') for part in value.split(",")]
                draft.search_path = _path(names)


def set_variable(draft: Draft, statement: Node) -> None:
    """Apply SET search_path, RESET search_path and RESET ALL."""
    if statement["kind"] == "VAR_RESET_ALL":
        draft.search_path = DEFAULT_SEARCH_PATH
    elif statement.get("name") == "search_path":
        values = [string_constant(argument) for argument in statement.get("args", ())]
        reset = statement["kind"] in ("VAR_RESET", "VAR_SET_DEFAULT")
        draft.search_path = DEFAULT_SEARCH_PATH if reset else _path([v or "" for v in values])


def _path(names: list[str]) -> tuple[str, ...]:
    """Return the search path without schemas that user objects are not created in."""
    return tuple(name for name in names if name not in ("", "pg_catalog", "pg_temp", "$user"))


def create_sequence(draft: Draft, statement: Node) -> None:
    """Add the name of a sequence, unless a column owns it."""
    if not is_temporary(statement["sequence"]):
        draft.others[draft.new_name(relation_parts(statement["sequence"]))] = OtherDraft()
    alter_sequence(draft, statement)


def alter_sequence(draft: Draft, statement: Node) -> None:
    """Apply OWNED BY: a sequence that a column owns is part of that column."""
    for option in statement.get("options", ()):
        if option["DefElem"]["defname"] != "owned_by":
            continue
        owner = name_parts(option["DefElem"]["arg"])
        sequence = draft.find_other(relation_parts(statement["sequence"]))
        if sequence and owner != ["none"]:
            del draft.others[sequence]
