"""Renders the models of SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jobgen.models_file.job_model import (
    JobModel,
    Link,
    enum_constant,
    enum_labels,
    has_default,
)
from jobgen.models_file.sqlalchemy_types import sql_type
from jobgen.models_file.text import ModuleHead, call, imports
from jobgen.naming import attribute_names
from jobgen.project.models import ModelClass
from jobgen.schema.model import DEFAULT_SEARCH_PATH, Column, Schema, TypeRef
from jobgen.types_file.text import quoted

_STANDARD = frozenset({"datetime", "decimal", "typing", "uuid"})
_RESERVED = frozenset({"metadata", "registry"})
"""Attributes of a declarative class."""

BASE = '''\
class JobModel(DeclarativeBase):
    """The base of the models of jobs.

    Its metadata is not the application's, so that create_all() and Alembic
    leave the tables alone.
    """'''


def render_sqlalchemy(models: Sequence[JobModel], schema: Schema, title: str) -> str:
    """Return the text of the module with the models.

    Args:
        models: The tables.
        schema: The schema that has them.
        title: The text of its docstring.
    """
    head = ModuleHead()
    head.need("sqlalchemy.orm", "DeclarativeBase")
    classes = [_class(model, schema, head) for model in models]
    own = {model.module for each in models for model in _linked(each)}
    found = head.imports
    sections = (
        [f'"""{title}"""'],
        imports({name: found[name] for name in found if name in _STANDARD}),
        imports({name: found[name] for name in found if name not in _STANDARD | own}),
        imports({name: found[name] for name in found if name in own}),
        head.constants.values(),
    )
    above = "\n\n".join("\n".join(lines) for lines in sections if lines)
    return "\n\n\n".join((above, BASE, *classes)) + "\n"


def _linked(model: JobModel) -> Iterator[ModelClass]:
    return (link.model for link in model.links.values() if link.model is not None)


def _class(model: JobModel, schema: Schema, head: ModuleHead) -> str:
    table = model.table
    names = attribute_names(column.name for column in table.columns)
    lines = [f"class {model.name}(JobModel):", f'    """A row of {table.name}."""', ""]
    lines.append(f"    __tablename__ = {quoted(table.name)}")
    if table.schema != DEFAULT_SEARCH_PATH[0]:
        lines.append(f'    __table_args__ = {{"schema": {quoted(table.schema)}}}')
    lines.append("")
    relations: list[str] = []
    taken = set(names.values())
    for column in table.columns:
        attribute = names[column.name]
        attribute += "_" if attribute in _RESERVED else ""
        lines.append(_column(model, column, attribute, schema, head))
        link = model.links.get(column.name)
        relation = column.name.removesuffix("_id")
        if link is not None and link.model is not None and relation not in taken:
            optional = "" if schema.is_not_null(column) else " | None"
            relation += f": Mapped[{link.model.name}{optional}] = relationship"
            relations.append(call(relation, [f"foreign_keys=[{attribute}]"]))
            head.need("sqlalchemy.orm", "relationship")
    if relations:
        lines += ["", *relations]
    return "\n".join(lines)


def _column(
    model: JobModel, column: Column, attribute: str, schema: Schema, head: ModuleHead
) -> str:
    """Return the line of a column."""
    found = sql_type(column.type, schema)
    for module, names in found.imports.items():
        head.need(module, *names)
    head.need("sqlalchemy.orm", "Mapped", "mapped_column")
    type_ = schema.base_type(column.type)
    if labels := enum_labels(type_, schema):
        _add_enum(type_, labels, head)
    arguments = [] if attribute == column.name else [quoted(column.name)]
    arguments.append(found.text)
    link = model.links.get(column.name)
    if link is not None:
        arguments.append(_foreign_key(model, link))
        head.need("sqlalchemy", "ForeignKey")
        if link.model is not None:
            head.need(link.model.module, link.model.name)
    if column.name in model.table.primary_key:
        arguments.append("primary_key=True")
    elif column.name in model.unique:
        arguments.append("unique=True")
    if has_default(column, schema):
        arguments.append("server_default=FetchedValue()")
        head.need("sqlalchemy", "FetchedValue")
    optional = "" if schema.is_not_null(column) else " | None"
    annotation = f"Mapped[{found.annotation}{optional}]"
    return call(f"{attribute}: {annotation} = mapped_column", arguments)


def _foreign_key(model: JobModel, link: Link) -> str:
    own = quoted(f"{model.table.name}.{link.key}")
    column = own if link.model is None else _column_of(link.model, link.key)
    rule = f', ondelete="{link.on_delete}"' if link.on_delete else ""
    return f"ForeignKey({column}{rule})"


def _column_of(model: ModelClass, key: str) -> str:
    """Return the column of a model, as type checkers know it of every kind of model."""
    return f"{model.name}.metadata.tables[{quoted(model.table)}].c.{key}"


def _add_enum(type_: TypeRef, labels: Sequence[str], head: ModuleHead) -> None:
    """Add the constant of an enum, which SQLAlchemy is not to create."""
    options = [*map(quoted, labels), f"name={quoted(type_.name)}"]
    if type_.schema != DEFAULT_SEARCH_PATH[0]:
        options.append(f"schema={quoted(type_.schema)}")
    constant = enum_constant(type_)
    head.constants[constant] = call(f"{constant} = ENUM", [*options, "create_type=False"], "")
    head.need("sqlalchemy.dialects.postgresql", "ENUM")
