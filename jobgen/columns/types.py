"""The words for PostgreSQL's scalar types: as SQL writes them, and as people call them."""

from __future__ import annotations

from jobgen.naming import quote_identifier
from jobgen.schema.builtin_types import BUILTIN_TYPES
from jobgen.schema.model import BUILTIN_SCHEMA, Schema, TypeRef

# PostgreSQL's name: how Schema.sql spells it where that is not the name in capitals, then
# other words that mean it. A word of SQL always means what it means in SQL.
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
# Types of pg_catalog for the server's own use; a column of one is nobody's intention.
_INTERNAL = frozenset({"aclitem", "cid", "gtsvector", "int2vector", "oidvector", "char"})
_TAKES_MODIFIERS = frozenset(
    {"numeric", "varchar", "bpchar", "bit", "varbit", "time", "timetz", "timestamp", "timestamptz"}
    | {"interval"}
)
_ZONE = " WITH TIME ZONE"

TYPE_OF_WORD: dict[str, str] = {name: name for name in sorted(BUILTIN_TYPES - _INTERNAL)} | {
    word.lower(): name for name, words in _WORDS.items() for word in words
}
"""PostgreSQL's name of the type that a word (in lower case) means."""


def takes_modifiers(name: str) -> bool:
    """Whether brackets may follow the type of that (PostgreSQL's) name."""
    return name in _TAKES_MODIFIERS


def spell_type(type_: TypeRef, schema: Schema) -> str:
    """The type as Schema.sql writes it: `NUMERIC(10,2)[]`, `color`, `app.color`."""
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
    """A built-in type's name in capitals; `"char"` is another type than CHAR."""
    return '"char"' if name == "char" else name.upper()
