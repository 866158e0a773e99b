"""The words for PostgreSQL's scalar types: SQL's own, Python's, and other common ones."""

from __future__ import annotations

from jobgen.naming import quote_identifier
from jobgen.schema.builtin_types import BUILTIN_TYPES
from jobgen.schema.model import BUILTIN_SCHEMA, Schema, TypeRef

# By PostgreSQL's name of the type: its spelling in Schema.sql, then other words for it. Types that
# are not listed are spelled in capitals. A word of SQL always has its meaning in SQL.
_WORDS: dict[str, tuple[str, ...]] = {
    "int2": ("SMALLINT",),
    "int4": ("INT", "integer"),
    "int8": ("BIGINT",),
    "numeric": ("NUMERIC", "decimal", "dec"),
    "float4": ("REAL",),
    "float8": ("DOUBLE PRECISION", "float", "double"),
    "bool": ("BOOLEAN",),
    "text": ("TEXT", "str", "string"),
    "varchar": ("VARCHAR", "character varying"),
    "bpchar": ("CHAR", "character"),
    "bytea": ("BYTEA", "bytes", "binary", "blob"),
    "date": ("DATE",),
    "time": ("TIME", "time without time zone"),
    "timetz": ("TIME WITH TIME ZONE",),
    "timestamp": ("TIMESTAMP", "timestamp without time zone"),
    "timestamptz": ("TIMESTAMP WITH TIME ZONE", "datetime"),
    "interval": ("INTERVAL", "duration", "timedelta"),
    "jsonb": ("JSONB", "dict", "object"),
    "bit": ("BIT",),
    "varbit": ("BIT VARYING",),
}
# Types of pg_catalog that are for the server's internal use.
_INTERNAL = frozenset({"aclitem", "cid", "gtsvector", "int2vector", "oidvector", "char"})
_TAKES_MODIFIERS = frozenset(
    {"numeric", "varchar", "bpchar", "bit", "varbit", "time", "timetz", "timestamp", "timestamptz"}
    | {"interval"}
)
_ZONE = " WITH TIME ZONE"

TYPE_OF_WORD: dict[str, str] = {name: name for name in sorted(BUILTIN_TYPES - _INTERNAL)} | {
    word.lower(): name for name, words in _WORDS.items() for word in words
}
"""PostgreSQL's name of the type for each word, in lower case."""


def takes_modifiers(name: str) -> bool:
    """Return whether the type with PostgreSQL's `name` takes modifiers, as in `varchar(20)`."""
    return name in _TAKES_MODIFIERS


def spell_type(type_: TypeRef, schema: Schema) -> str:
    """Return the type as Schema.sql spells it: `NUMERIC(10,2)[]`, `color`, `app.color`."""
    brackets = "[]" * type_.dimensions
    if type_.schema != BUILTIN_SCHEMA:
        name = quote_identifier(type_.name)
        if schema.find_type(type_.name) != type_.qualified and type_.schema != "public":
            name = f"{quote_identifier(type_.schema)}.{name}"
        return f"{name}{type_.modifiers}{brackets}"
    word = _WORDS.get(type_.name, (_capitals(type_.name),))[0]
    if word.endswith(_ZONE):
        return f"{word.removesuffix(_ZONE)}{type_.modifiers}{_ZONE}{brackets}"
    return f"{word}{type_.modifiers.upper()}{brackets}"


def _capitals(name: str) -> str:
    """Return a built-in type's name in capitals; `"char"` is not the type CHAR."""
    return '"char"' if name == "char" else name.upper()
