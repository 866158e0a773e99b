"""The words for PostgreSQL's scalar types: SQL's own, Python's, and other common ones."""

from __future__ import annotations

from jobgen.naming import quote_identifier
from jobgen.schema.builtin_types import BUILTIN_TYPES
from jobgen.schema.model import DEFAULT_SEARCH_PATH, QualifiedName, Schema, TypeRef

# By PostgreSQL's name of the type: its spelling in Schema.sql, then other words for it. Types that
# are not listed are spelled in capitals.
_SQL_WORDS: dict[str, tuple[str, ...]] = {
    "int2": ("SMALLINT",),
    "int4": ("INT", "integer"),
    "int8": ("BIGINT",),
    "numeric": ("NUMERIC", "decimal", "dec"),
    "float4": ("REAL",),
    "float8": ("DOUBLE PRECISION", "float"),
    "bool": ("BOOLEAN",),
    "varchar": ("VARCHAR", "character varying"),
    "bpchar": ("BPCHAR", "char", "character"),
    "time": ("TIME", "time without time zone"),
    "timetz": ("TIME WITH TIME ZONE",),
    "timestamp": ("TIMESTAMP", "timestamp without time zone"),
    "timestamptz": ("TIMESTAMP WITH TIME ZONE",),
    "varbit": ("BIT VARYING",),
}
OTHER_WORDS = {
    "str": "text",
    "string": "text",
    "double": "float8",
    "bytes": "bytea",
    "binary": "bytea",
    "blob": "bytea",
    "datetime": "timestamptz",
    "duration": "interval",
    "timedelta": "interval",
    "dict": "jsonb",
    "object": "jsonb",
}
"""PostgreSQL's name of the type for words of Python and of other generators."""

# Types of pg_catalog that are for the server's internal use.
INTERNAL_TYPES = frozenset({"aclitem", "cid", "gtsvector", "int2vector", "oidvector"})
_TAKES_MODIFIERS = frozenset(
    {"numeric", "varchar", "bpchar", "bit", "varbit", "time", "timetz", "timestamp", "timestamptz"}
    | {"interval"}
)
# Types without an order, which neither UNIQUE nor an ordinary index can do without.
_UNORDERED = frozenset(
    {"box", "circle", "json", "jsonpath", "line", "lseg", "path", "pg_snapshot", "point", "polygon"}
    | {"refcursor", "txid_snapshot", "xid", "xml"}
)
_ZONE = " WITH TIME ZONE"

TYPE_OF_WORD: dict[str, str] = (
    {name: name for name in sorted(BUILTIN_TYPES - INTERNAL_TYPES)}
    | {word.lower(): name for name, words in _SQL_WORDS.items() for word in words}
    | OTHER_WORDS
)
"""PostgreSQL's name of the type for each word, in lower case. `char` is SQL's, not `"char"`."""


def takes_modifiers(name: str) -> bool:
    """Return whether the type with PostgreSQL's `name` takes modifiers, as in `varchar(20)`."""
    return name in _TAKES_MODIFIERS


def has_order(type_: TypeRef) -> bool:
    """Return whether an index can sort values of a type, as far as that is known."""
    return not (type_.is_builtin and type_.name in _UNORDERED)


def spell_type(type_: TypeRef, schema: Schema) -> str:
    """Return the type as Schema.sql spells it: `NUMERIC(10,2)[]`, `color`, `app.color`."""
    brackets = "[]" * type_.dimensions
    if not type_.is_builtin:
        return f"{spell_name(type_.qualified, schema)}{type_.modifiers}{brackets}"
    if type_.name == "bpchar" and type_.modifiers:
        return f"CHAR{type_.modifiers}{brackets}"
    word = _SQL_WORDS.get(type_.name, (_capitals(type_.name),))[0]
    if word.endswith(_ZONE):
        return f"{word.removesuffix(_ZONE)}{type_.modifiers}{_ZONE}{brackets}"
    return f"{word}{type_.modifiers.upper()}{brackets}"


def spell_name(name: QualifiedName, schema: Schema) -> str:
    """Return the name of a type that is not built in, with its schema where that is needed."""
    found = schema.find_type(name.name)
    is_visible = found == name or (
        found is None and name.schema in (schema.search_path or DEFAULT_SEARCH_PATH)
    )
    if is_visible and name.name not in BUILTIN_TYPES:
        return quote_identifier(name.name)
    return f"{quote_identifier(name.schema)}.{quote_identifier(name.name)}"


def _capitals(name: str) -> str:
    """Return a built-in type's name in capitals; `"char"` is not the type CHAR."""
    return '"char"' if name == "char" else name.upper()
