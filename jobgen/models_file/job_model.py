"""What the models of both libraries are rendered from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jobgen.naming import camel_case, split_words
from jobgen.project.models import ModelClass
from jobgen.schema.model import Column, EnumType, Schema, Table, TypeRef
from jobgen.schema.runtime_objects import JOB_STATUS

STATUSES = tuple(
    f"job_status_{name}"
    for name in ("not_started", "running", "failed", "timed_out", "succeeded", "retry")
)


@dataclass(frozen=True, slots=True)
class Link:
    """A reference of a column to the model of another table.

    Attributes:
        model: The model; None for the job's own.
        key: The column that it refers to.
        on_delete: What happens to the job when the row is deleted, in SQL; "" for nothing.
    """

    model: ModelClass | None
    key: str
    on_delete: str


@dataclass(frozen=True, slots=True)
class JobModel:
    """The table of a job, with what a model says about it.

    Attributes:
        table: The table.
        name: The name of the class.
        links: The references of columns to known models.
        unique: The columns that are unique by themselves.
    """

    table: Table
    name: str
    links: Mapping[str, Link]
    unique: frozenset[str]


def enum_labels(type_: TypeRef, schema: Schema) -> tuple[str, ...]:
    """Return the labels of an enum, also of the status of a job; () for other types."""
    found = schema.types.get(type_.qualified)
    if isinstance(found, EnumType):
        return found.labels
    return STATUSES if type_.name == JOB_STATUS and not type_.is_builtin else ()


def enum_constant(type_: TypeRef) -> str:
    """Return the name of the constant with the labels of an enum."""
    return "_".join(word.upper() for word in split_words(camel_case(split_words(type_.name))))


def has_default(column: Column, schema: Schema) -> bool:
    """Return whether the database has a value for a row that is inserted without one."""
    return schema.is_optional_on_insert(column)
