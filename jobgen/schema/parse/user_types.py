"""Applies CREATE and ALTER of types and domains."""

from __future__ import annotations

from dataclasses import replace

from jobgen.schema.model import CompositeType, DomainType, EnumType, QualifiedName, RangeType
from jobgen.schema.parse.create_table import declared_column
from jobgen.schema.parse.draft import Draft
from jobgen.schema.parse.tree import Node, is_null_constant, relation_parts, strings


def create_enum(draft: Draft, statement: Node) -> None:
    """Apply CREATE TYPE … AS ENUM."""
    name = draft.new_name(strings(statement["typeName"]))
    draft.types[name] = EnumType(tuple(strings(statement.get("vals", []))))


def alter_enum(draft: Draft, statement: Node) -> None:
    """Apply ALTER TYPE … ADD VALUE and RENAME VALUE."""
    name = draft.find_type(strings(statement["typeName"]))
    enum = draft.types[name] if name else None
    if name is None or not isinstance(enum, EnumType):
        return
    labels = list(enum.labels)
    new = statement.get("newVal", "")
    if "oldVal" in statement:
        labels = [new if label == statement["oldVal"] else label for label in labels]
    elif new not in labels:
        neighbor = statement.get("newValNeighbor")
        position = len(labels)
        if neighbor in labels:
            position = labels.index(neighbor) + bool(statement.get("newValIsAfter"))
        labels.insert(position, new)
    draft.types[name] = EnumType(tuple(labels))


def create_composite(draft: Draft, statement: Node) -> None:
    """Apply CREATE TYPE … AS (…)."""
    definitions = [item["ColumnDef"] for item in statement.get("coldeflist", ())]
    draft.types[draft.new_name(relation_parts(statement["typevar"]))] = CompositeType(
        tuple(declared_column(draft, item["colname"], item["typeName"]) for item in definitions)
    )


def create_range(draft: Draft, statement: Node) -> None:
    """Apply CREATE TYPE … AS RANGE."""
    for parameter in statement["params"]:
        if parameter["DefElem"]["defname"] == "subtype":
            subtype = draft.type_ref(parameter["DefElem"]["arg"]["TypeName"])
            draft.types[draft.new_name(strings(statement["typeName"]))] = RangeType(subtype)


def create_domain(draft: Draft, statement: Node) -> None:
    """Apply CREATE DOMAIN, with the NOT NULL and DEFAULT that its columns inherit."""
    base = draft.type_ref(statement["typeName"])
    over = None if base.dimensions else draft.types.get(base.qualified)
    # A domain over another domain copies that domain's default.
    has_default = isinstance(over, DomainType) and over.has_default
    not_null = False
    for entry in statement.get("constraints", ()):
        constraint = entry["Constraint"]
        if constraint["contype"] == "CONSTR_NOTNULL":
            not_null = True
        elif constraint["contype"] == "CONSTR_DEFAULT":
            has_default = not is_null_constant(constraint["raw_expr"])
    name = draft.new_name(strings(statement["domainname"]))
    draft.types[name] = DomainType(base, not_null, has_default)


def alter_domain(draft: Draft, statement: Node) -> None:
    """Apply ALTER DOMAIN … SET/DROP NOT NULL and SET/DROP DEFAULT."""
    name = draft.find_type(strings(statement["typeName"]))
    domain = draft.types[name] if name else None
    if name is None or not isinstance(domain, DomainType):
        return
    match statement["subtype"]:
        case "O":
            domain = replace(domain, not_null=True)
        case "N":
            domain = replace(domain, not_null=False)
        case "T":
            has_default = "def" in statement and not is_null_constant(statement["def"])
            domain = replace(domain, has_default=has_default)
        case _:
            pass
    draft.types[name] = domain


def rename_attribute(draft: Draft, name: QualifiedName, old: str, new: str) -> None:
    """Apply ALTER TYPE … RENAME ATTRIBUTE, also to tables of that type."""
    composite = draft.types.get(name)
    if not isinstance(composite, CompositeType):
        return
    draft.types[name] = CompositeType(
        tuple(
            replace(column, name=new) if column.name == old else column
            for column in composite.attributes
        )
    )
    for table in draft.tables.values():
        if table.of_type == name:
            table.rename_column(old, new)
