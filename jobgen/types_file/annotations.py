"""The Python type of a column: what psycopg returns for it."""

from __future__ import annotations

from dataclasses import dataclass

from jobgen.schema.model import EnumType, QualifiedName, Schema, TypeRef
from jobgen.schema.runtime_objects import JOB_STATUS

# PostgreSQL's name of the type: the annotation that psycopg's default loaders make true. All
# others come as text, and so do types of extensions, composites, the user's own ranges, and
# arrays of domains and composites, because the driver does not know their OIDs.
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
# psycopg knows no array of these, and leaves it as text.
_NO_ARRAYS = frozenset({"pg_snapshot"})
_JSON = frozenset({"json", "jsonb"})


@dataclass(frozen=True, slots=True)
class Annotation:
    """How a column is annotated and what the runtime has to know of it.

    `enum` is the class of an enum column or of an array of one; `is_json` is true of json, jsonb
    and arrays of them.
    """

    text: str
    enum: str | None = None
    is_json: bool = False
    is_array: bool = False


def annotate(type_: TypeRef, schema: Schema, enum_names: dict[QualifiedName, str]) -> Annotation:
    """The annotation of a column of that type, NULL left aside."""
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
