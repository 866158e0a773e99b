"""The annotation of a column: the Python type that psycopg returns for it."""

from __future__ import annotations

from dataclasses import dataclass

from jobgen.schema.model import EnumType, QualifiedName, Schema, TypeRef
from jobgen.schema.runtime_objects import JOB_STATUS

# What psycopg's default loaders return, by PostgreSQL's name of the type. All other types are
# returned as text, and so are types of extensions, composite types, the user's own ranges, and
# arrays of domains and composite types, because psycopg does not know their OIDs.
_PYTHON_TYPES = {
    "bool": "bool",
    "bytea": "bytes",
    "cidr": "IpNetwork",
    "date": "date",
    "datemultirange": "Multirange[date]",
    "daterange": "Range[date]",
    "float4": "float",
    "float8": "float",
    "inet": "IpAddress",
    "int2": "int",
    "int4": "int",
    "int4multirange": "Multirange[int]",
    "int4range": "Range[int]",
    "int8": "int",
    "int8multirange": "Multirange[int]",
    "int8range": "Range[int]",
    "interval": "timedelta",
    "json": "object",
    "jsonb": "object",
    "numeric": "Decimal",
    "nummultirange": "Multirange[Decimal]",
    "numrange": "Range[Decimal]",
    "oid": "int",
    "time": "time",
    "timestamp": "datetime",
    "timestamptz": "datetime",
    "timetz": "time",
    "tsmultirange": "Multirange[datetime]",
    "tsrange": "Range[datetime]",
    "tstzmultirange": "Multirange[datetime]",
    "tstzrange": "Range[datetime]",
    "uuid": "UUID",
}
# psycopg returns arrays of these as text.
_NO_ARRAYS = frozenset({"pg_snapshot"})
_JSON = frozenset({"json", "jsonb"})


@dataclass(frozen=True, slots=True)
class Annotation:
    """The annotation of a column, and what the runtime must know about its type.

    Attributes:
        text: The annotation, without `| None`.
        enum: The Python class of an enum or of an array of one; None for other types.
        is_json: Whether the type is json or jsonb, or an array of them.
        is_array: Whether the type is an array.
    """

    text: str
    enum: str | None = None
    is_json: bool = False
    is_array: bool = False


def annotate(type_: TypeRef, schema: Schema, enum_names: dict[QualifiedName, str]) -> Annotation:
    """Return the annotation of a NOT NULL column of the given type."""
    base = schema.base_type(type_)
    enum: str | None = None
    if base.is_builtin and not (base.dimensions and base.name in _NO_ARRAYS):
        element = _PYTHON_TYPES.get(base.name, "str")
    elif isinstance(schema.types.get(base.qualified), EnumType):
        element = enum = enum_names[base.qualified]
    elif base.name == JOB_STATUS and base.qualified not in schema.tables:
        element = enum = "JobStatus"
    else:
        return Annotation("str")
    return Annotation(
        text="list[" * base.dimensions + element + "]" * base.dimensions,
        enum=enum,
        is_json=base.is_builtin and base.name in _JSON,
        is_array=base.dimensions > 0,
    )
