"""Applies CREATE TABLE in all its forms: columns, LIKE, INHERITS, PARTITION OF, OF."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from jobgen.schema.builtin_types import SERIAL_TYPES
from jobgen.schema.model import BUILTIN_SCHEMA, Column, CompositeType, Identity, TypeRef
from jobgen.schema.parse.defaults import read_default
from jobgen.schema.parse.draft import Draft, TableDraft, Unresolved
from jobgen.schema.parse.job_tables import add_job_columns
from jobgen.schema.parse.tree import Node, is_null_constant, is_temporary, relation_parts, strings

# The bits of LIKE's options in PostgreSQL (TableLikeOption).
_LIKE_DEFAULTS = 1 << 3
_LIKE_GENERATED = 1 << 4
_LIKE_IDENTITY = 1 << 5
_LIKE_INDEXES = 1 << 6

IDENTITIES: dict[str, Identity] = {"a": "always", "d": "by default"}


def create_table(draft: Draft, statement: Node) -> None:
    """Add the table of a CREATE TABLE statement, unless it is temporary."""
    relation = statement["relation"]
    if is_temporary(relation):
        draft.temporary.add(relation["relname"])
        return
    parts = relation_parts(relation)
    name = draft.new_name(parts)
    location = relation.get("location", 0)
    if name in draft.tables:
        if statement.get("if_not_exists"):
            return
        raise Unresolved(f'table "{".".join(parts)}" already exists', location)
    table = TableDraft(name, draft.offset + location)
    _inherit(draft, table, statement)
    if "ofTypename" in statement:
        _take_columns_of_type(draft, table, statement["ofTypename"])
    if table.location in draft.job_tables:
        add_job_columns(draft, table)
    _add_columns(draft, table, statement)
    for constraint in [*statement.get("tableElts", ()), *statement.get("constraints", ())]:
        if "Constraint" in constraint:
            add_constraint(draft, table, constraint["Constraint"])
    draft.tables[name] = table


def _add_columns(draft: Draft, table: TableDraft, statement: Node) -> None:
    for element in statement.get("tableElts", ()):
        if "ColumnDef" in element:
            add_column(draft, table, element["ColumnDef"])
        elif "TableLikeClause" in element:
            _copy_columns(draft, table, element["TableLikeClause"])


def add_column(draft: Draft, table: TableDraft, definition: Node) -> None:
    """Add the column of a ColumnDef, or merge it with an inherited column of that name."""
    name = definition["colname"]
    if name in table.local and name in table.columns:
        reason = f'column "{name}" of table "{table.name.name}" already exists'
        raise Unresolved(reason, definition.get("location", 0))
    column = table.columns.get(name)
    if "typeName" in definition:
        declared = declared_column(draft, name, definition["typeName"])
        column = declared if column is None else _merged(column, declared)
        if declared.not_null:
            table.inherited_not_null.discard(name)
    elif column is None:
        reason = f'column "{name}" does not exist in the type or table that this table is based on'
        raise Unresolved(reason, definition.get("location", 0))
    constraints = [entry["Constraint"] for entry in definition.get("constraints", ())]
    changes: dict[str, Any] = {}
    for constraint in constraints:
        changes |= _column_changes(constraint)
    if changes.get("not_null"):
        table.inherited_not_null.discard(name)
    table.columns[name] = replace(column, **changes) if changes else column
    table.local.add(name)
    for constraint in constraints:
        if constraint["contype"] == "CONSTR_PRIMARY":
            table.set_primary_key((name,), constraint.get("conname"))


def declared_column(draft: Draft, name: str, type_name: Node) -> Column:
    """Return a column of the given type without constraints; serial types are resolved."""
    parts = strings(type_name["names"])
    if parts[-1] in SERIAL_TYPES and len(parts) == 1:
        integer = TypeRef(BUILTIN_SCHEMA, SERIAL_TYPES[parts[-1]])
        return Column(name, integer, not_null=True, has_default=True)
    return Column(name, draft.type_ref(type_name))


def add_constraint(draft: Draft, table: TableDraft, constraint: Node) -> None:
    """Apply a table constraint: a PRIMARY KEY, or a UNIQUE that takes over an index."""
    if constraint["contype"] == "CONSTR_UNIQUE" and "indexname" in constraint:
        index = draft.find_other([table.name.schema, constraint["indexname"]])
        if index is not None:
            del draft.others[index]
    if constraint["contype"] != "CONSTR_PRIMARY":
        return
    name = constraint.get("conname")
    if "indexname" not in constraint:
        table.set_primary_key(tuple(strings(constraint.get("keys", []))), name)
        return
    # USING INDEX: the index becomes the constraint's and takes its name.
    index = draft.find_other([table.name.schema, constraint["indexname"]])
    if index is None:
        reason = f'index "{constraint["indexname"]}" does not exist'
        raise Unresolved(reason, constraint.get("location", 0))
    columns = draft.others.pop(index).columns
    table.set_primary_key(columns, name or index.name)


def _column_changes(constraint: Node) -> dict[str, Any]:
    """Return the fields of a Column that a column constraint sets."""
    match constraint["contype"]:
        case "CONSTR_NOTNULL":
            return {"not_null": True}
        case "CONSTR_DEFAULT":
            return default_changes(constraint["raw_expr"])
        case "CONSTR_IDENTITY":
            return {"identity": IDENTITIES[constraint["generated_when"]], "not_null": True}
        case "CONSTR_GENERATED":
            return {"generated": True, "has_default": False}
        case _:
            return {}


def default_changes(expression: Node | None) -> dict[str, Any]:
    """Return the fields of a Column that DEFAULT sets; without an expression, DROP DEFAULT."""
    has_default = expression is not None and not is_null_constant(expression)
    return {
        "has_default": has_default,
        "default": read_default(expression) if has_default and expression is not None else None,
    }


def _inherit(draft: Draft, table: TableDraft, statement: Node) -> None:
    """Give the table the columns of its parents, or of the table that it is a partition of."""
    table.is_partition = "partbound" in statement
    for relation in statement.get("inhRelations", ()):
        parent = draft.require_table(relation["RangeVar"])
        table.parents.append(parent.name)
        for column in parent.columns.values():
            inherited = column if table.is_partition else replace(column, identity=None)
            known = table.columns.get(column.name)
            table.columns[column.name] = _merged(known, inherited) if known else inherited
            if inherited.not_null:
                table.inherited_not_null.add(column.name)
        if table.is_partition and parent.primary_key:
            table.set_primary_key(parent.primary_key, None)


def _merged(inherited: Column, declared: Column) -> Column:
    """Merge two columns of the same name, as PostgreSQL merges inherited columns."""
    return replace(
        inherited,
        not_null=inherited.not_null or declared.not_null,
        has_default=inherited.has_default or declared.has_default,
        default=declared.default if declared.has_default else inherited.default,
        generated=inherited.generated or declared.generated,
    )


def _take_columns_of_type(draft: Draft, table: TableDraft, type_name: Node) -> None:
    found = draft.find_type(strings(type_name["names"]))
    composite = draft.types[found] if found else None
    if not isinstance(composite, CompositeType):
        reason = f'type "{".".join(strings(type_name["names"]))}" is not a composite type'
        raise Unresolved(reason, type_name.get("location", 0))
    table.of_type = found
    table.columns = {column.name: column for column in composite.attributes}


def _copy_columns(draft: Draft, table: TableDraft, clause: Node) -> None:
    """Apply LIKE: copy names, types and NOT NULL, and the rest as its options say."""
    options = clause.get("options", 0)
    parts = relation_parts(clause["relation"])
    found = draft.find_type(parts)
    composite = draft.types[found] if found else None
    key: tuple[str, ...] = ()
    if isinstance(composite, CompositeType):
        columns = list(composite.attributes)
    else:
        source = draft.require_table(clause["relation"])
        columns = list(source.columns.values())
        if source.primary_key and options & _LIKE_INDEXES:
            key = source.primary_key
    for column in columns:
        table.columns[column.name] = replace(
            column,
            has_default=column.has_default and bool(options & _LIKE_DEFAULTS),
            generated=column.generated and bool(options & _LIKE_GENERATED),
            identity=column.identity if options & _LIKE_IDENTITY else None,
        )
        table.local.add(column.name)
    if key:
        table.set_primary_key(key, None)
