"""The types of SQLAlchemy for those of PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from jobgen.models_file.job_model import enum_constant, enum_labels
from jobgen.schema.model import Schema, TypeRef

_CORE = "sqlalchemy"
_POSTGRESQL = "sqlalchemy.dialects.postgresql"

_PYTHON_MODULES: Mapping[str, str] = MappingProxyType(
    {
        "Any": "typing",
        "Decimal": "decimal",
        "UUID": "uuid",
        **dict.fromkeys(("date", "datetime", "time", "timedelta"), "datetime"),
    }
)
_TYPES: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "bool": (_CORE, "Boolean", "bool"),
        "bytea": (_CORE, "LargeBinary", "bytes"),
        "cidr": (_POSTGRESQL, "CIDR", "Any"),
        "date": (_CORE, "Date", "date"),
        "float4": (_CORE, "REAL", "float"),
        "float8": (_CORE, "Double", "float"),
        "inet": (_POSTGRESQL, "INET", "Any"),
        "int2": (_CORE, "SmallInteger", "int"),
        "int4": (_CORE, "Integer", "int"),
        "int8": (_CORE, "BigInteger", "int"),
        "interval": (_CORE, "Interval", "timedelta"),
        "json": (_POSTGRESQL, "JSON", "Any"),
        "jsonb": (_POSTGRESQL, "JSONB", "Any"),
        "numeric": (_CORE, "Numeric", "Decimal"),
        "text": (_CORE, "Text", "str"),
        "time": (_CORE, "Time", "time"),
        "timestamp": (_CORE, "DateTime", "datetime"),
        "tsvector": (_POSTGRESQL, "TSVECTOR", "Any"),
        "uuid": (_CORE, "Uuid", "UUID"),
        "varchar": (_CORE, "String", "str"),
        "bpchar": (_CORE, "CHAR", "str"),
        **{
            name: (_POSTGRESQL, name.upper(), "Any")
            for base in ("int4", "int8", "num", "ts", "tstz", "date")
            for name in (f"{base}range", f"{base}multirange")
        },
    }
)
_WITH_MODIFIERS = frozenset({"numeric", "varchar", "bpchar"})


@dataclass(frozen=True, slots=True)
class SqlType:
    """A type of SQLAlchemy.

    Attributes:
        text: The expression.
        annotation: The Python type of its values, without `| None`.
        imports: The names that both need, by their modules.
    """

    text: str
    annotation: str
    imports: Mapping[str, frozenset[str]] = field(default_factory=dict)


def sql_type(type_: TypeRef, schema: Schema) -> SqlType:
    """Return the type of SQLAlchemy of a column's type; NullType for one that it does not have."""
    base = schema.base_type(type_)
    module, name, annotation = _TYPES.get(base.name, ("", "", "")) if base.is_builtin else _NONE
    text = name
    if base.is_builtin and base.name in {"timestamptz", "timetz"}:
        module, name, annotation = _TYPES[base.name.removesuffix("tz")]
        text = f"{name}(timezone=True)"
    elif enum_labels(base, schema):
        module, name, annotation, text = "", "", "str", enum_constant(base)
    elif not name:
        module, name, annotation, text = "sqlalchemy.types", "NullType", "Any", "NullType()"
    elif base.name in _WITH_MODIFIERS and base.modifiers:
        text = f"{name}{base.modifiers.replace(',', ', ')}"
    needed: dict[str, frozenset[str]] = {module: frozenset({name})} if module else {}
    if base.dimensions:
        text += f", dimensions={base.dimensions}" if base.dimensions > 1 else ""
        # ENUM does not tell a type checker the type of its values.
        element = "[str]" if enum_labels(base, schema) else ""
        text = f"ARRAY{element}({text})"
        needed[_POSTGRESQL] = needed.get(_POSTGRESQL, frozenset()) | {"ARRAY"}
        annotation = "list[" * base.dimensions + annotation + "]" * base.dimensions
    for word, home in _PYTHON_MODULES.items():
        if word in annotation.replace("[", " ").replace("]", " ").split():
            needed[home] = needed.get(home, frozenset()) | {word}
    return SqlType(text, annotation, needed)


_NONE = ("", "", "")
