"""Resolves the type of a column on the command line: `int`, `app.color`, `vector(3)`, `text[]`."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches

from jobgen.columns.annotations import annotation_hint
from jobgen.columns.column_name import EXAMPLE
from jobgen.columns.names import candidates, closest, typed_name, typed_table
from jobgen.columns.types import INTERNAL_TYPES, OTHER_WORDS, TYPE_OF_WORD, takes_modifiers
from jobgen.errors import UsageError
from jobgen.naming import quote_identifier
from jobgen.schema.builtin_types import BUILTIN_TYPES, SERIAL_TYPES
from jobgen.schema.extension_types import EXTENSION_TYPES, extension_of_type
from jobgen.schema.model import (
    BUILTIN_SCHEMA,
    DEFAULT_SEARCH_PATH,
    QualifiedName,
    Schema,
    TypeRef,
)
from jobgen.schema.parse.type_name import TypeName, parse_type_name

_MAX_DIMENSIONS = 6
_SPELLING = re.compile(
    r"""
    (?P<name>(?:"(?:[^"]|"")*"|[^"(\[])+?) \s*
    (?P<modifiers>\([^()]*\))?
    (?P<rest>(?:\s*\[\s*\d*\s*\])*)
    """,
    re.VERBOSE,
)
_NUMBERS_OF_SERIAL = {"int2": "smallint", "int4": "int", "int8": "bigint"}
_PSEUDO_TYPES = re.compile(
    r"any\w*|cstring|internal|pg_\w+|record|trigger|event_trigger|unknown|void|\w+_handler"
)
_CONSTRAINT = re.compile(r"\s(null|default|unique|primary|check|references)\b")
_NUMBERS = re.compile(r"\(-?[0-9]{1,9}(?:,-?[0-9]{1,9})?\)")
# The smallest and largest modifiers of each type: a length, or precision and scale. From PostgreSQL
# 15 on, a scale may be negative or larger than the precision.
_LIMITS = {
    "numeric": ((1, 1000), (0, 1000)),
    "varchar": ((1, 10485760),),
    "bpchar": ((1, 10485760),),
    "bit": ((1, 83886080),),
    "varbit": ((1, 83886080),),
    **dict.fromkeys(("time", "timetz", "timestamp", "timestamptz", "interval"), ((0, 6),)),
}
_OTHER_TYPES = (
    "Use a type of PostgreSQL (text, int, timestamptz, …), its Python name (str, datetime, bytes,"
    " …), or a type of Schema.sql. Add a column of any other type to Schema.sql by hand."
)


def resolve_type(text: str, argument: str, schema: Schema) -> TypeRef:
    """Return the type that a column's argument names, with its modifiers and dimensions.

    Args:
        text: The type as it was typed.
        argument: The whole argument, for error messages.
        schema: The types that there are.

    Raises:
        UsageError: There is no such type, or its modifiers are invalid.
    """
    spelled = " ".join(text.split())
    match = _SPELLING.fullmatch(spelled)
    name = match["name"] if match else spelled
    own = next((each for each in candidates(name, schema) if _is_own(each, schema)), None)
    sql = spelled
    if match and own and name.lower() not in TYPE_OF_WORD.keys() - OTHER_WORDS.keys():
        sql = f"{quote_identifier(own.schema)}.{quote_identifier(own.name)}"
        sql += f"{match['modifiers'] or ''}{match['rest']}"
    elif match and (word := OTHER_WORDS.get(name.lower())):
        sql = f"{word}{match['modifiers'] or ''}{match['rest']}"
    modifiers = match["modifiers"] if match else None
    try:
        found = parse_type_name(sql)
    except ValueError as error:
        if not match or not modifiers:
            raise _unknown(name, argument, schema, str(error)) from None
        plain = resolve_type(f"{name}{match['rest']}", argument, schema)
        raise _invalid_modifiers(plain, name, modifiers, argument) from None
    type_ = _named(found, name, argument, schema)
    if type_.dimensions > _MAX_DIMENSIONS:
        raise UsageError(
            f"{argument!r}: an array of PostgreSQL has at most {_MAX_DIMENSIONS} dimensions.",
            hint=f"Write {name}[] for a list.",
        )
    if not type_.is_builtin:
        # As typed: a server reads them, and PostGIS's have capital letters.
        return replace(type_, modifiers=modifiers) if modifiers else type_
    given = re.search(r"\(.*\)", type_.modifiers)
    if given and not _are_valid(type_.name, given[0]):
        raise _invalid_modifiers(type_, name, given[0], argument)
    return type_


def _is_own(name: QualifiedName, schema: Schema) -> bool:
    """Return whether the user or an extension has created a type of this name."""
    return name in schema.types or name in schema.extension_types


def _named(found: TypeName, typed: str, argument: str, schema: Schema) -> TypeRef:
    """Return the type that a name in PostgreSQL's grammar refers to."""
    *qualifier, name = found.parts
    type_ = TypeRef(BUILTIN_SCHEMA, name, found.modifiers, found.dimensions)
    if qualifier in ([], [BUILTIN_SCHEMA]):
        if not qualifier and name.startswith("_") and name[1:] in BUILTIN_TYPES:
            type_ = replace(type_, name=name[1:], dimensions=type_.dimensions + 1)
        if type_.name in BUILTIN_TYPES - INTERNAL_TYPES:
            return type_
    path = schema.search_path or DEFAULT_SEARCH_PATH
    places = [QualifiedName(place, name) for place in qualifier[:1] or path]
    for place in places:
        if len(qualifier) < 2 and _is_own(place, schema):
            return replace(type_, schema=place.schema)
    # The types of other extensions are not in the schema, but a column can have one.
    for table in schema.tables.values():
        for column in table.columns:
            known = column.type.qualified
            is_named = known in places if qualifier else known.name == name
            if is_named and not column.type.is_builtin and known not in schema.types:
                return replace(type_, schema=known.schema)
    raise _unknown(typed, argument, schema, "")


def _invalid_modifiers(type_: TypeRef, typed: str, modifiers: str, argument: str) -> UsageError:
    """Return the error for modifiers that the type does not take."""
    if takes_modifiers(type_.name) and type_.is_builtin:
        return UsageError(
            f"{argument!r}: {modifiers} is not a length or precision of {typed}.",
            hint="Write for example varchar(100), numeric(10,2) or timestamptz(3).",
        )
    is_length = type_.name == "text" and type_.is_builtin and _are_valid("varchar", modifiers)
    return UsageError(
        f"{argument!r}: the type {typed} has no modifiers.",
        hint=f"Did you mean varchar{modifiers}?"
        if is_length
        else f"Write {typed} without parentheses.",
    )


def _are_valid(name: str, modifiers: str) -> bool:
    if name not in _LIMITS or not _NUMBERS.fullmatch(modifiers):
        return False
    numbers = [int(number) for number in modifiers[1:-1].split(",")]
    limits = _LIMITS[name]
    if len(numbers) > len(limits) or (len(numbers) == 2 and numbers[1] > numbers[0]):
        return False
    return all(low <= number <= high for number, (low, high) in zip(numbers, limits, strict=False))


def _unknown(typed: str, argument: str, schema: Schema, reason: str) -> UsageError:
    """Return the error for a type that does not exist."""
    word = typed.lower()
    last = word.rpartition(".")[2].strip('"')
    table = next(filter(None, map(schema.tables.get, candidates(typed, schema))), None)
    elsewhere = [
        typed_name(name, schema.find_type(name.name))
        for name in sorted({*schema.types, *schema.extension_types})
        if name.name.lower() == last
    ]
    message = f"{typed!r} is not a known type"
    hint = _OTHER_TYPES
    if word in SERIAL_TYPES:
        message = f"{typed} also creates a sequence"
        number = _NUMBERS_OF_SERIAL[SERIAL_TYPES[word]]
        hint = f"Write {number} for the number alone, or add the column to Schema.sql by hand."
    elif table is not None:
        message = f"{typed} is a table, not a type"
        target = f"{argument.partition(':')[0]}:references={typed_table(table, schema)}"
        hint = f"To refer to one of its rows, write {target}."
    elif elsewhere:
        message = f"there is no type {typed}"
        hint = f"Did you mean {' or '.join(elsewhere)}?"
    elif _CONSTRAINT.search(word):
        hint = f"A column is NOT NULL unless ? allows NULL. {EXAMPLE}"
    elif written := annotation_hint(typed, argument):
        hint = written
    elif last in INTERNAL_TYPES or _PSEUDO_TYPES.fullmatch(last):
        message = f"{typed} is not a type for columns"
    else:
        message, hint = _misspelled(typed, last, schema, reason)
    return UsageError(f"{argument!r}: {message}.", hint=hint)


_EXTENSION_SIMILARITY = 0.75
"""How similar a word must be to a type of an extension, which most projects do not have."""

_MEANT = {
    "enum": "Create the type in Schema.sql first, CREATE TYPE color AS ENUM ('red', 'blue'), and"
    " write its name: color.",
    **dict.fromkeys(("array", "list", "set"), "Write the type of the elements, such as text[]."),
    **dict.fromkeys(("fk", "foreign_key", "foreignkey", "belongs_to"), "Did you mean references?"),
    **dict.fromkeys(("email", "file", "image", "password", "slug", "url"), "Did you mean text?"),
    **dict.fromkeys(("clob", "longtext", "mediumtext", "nvarchar"), "Did you mean text?"),
    **dict.fromkeys(("byte", "short", "tinyint"), "Did you mean smallint?"),
    **dict.fromkeys(("hash", "map", "struct"), "Did you mean jsonb?"),
    "guid": "Did you mean uuid?",
    "long": "Did you mean bigint?",
    "number": "Did you mean int or numeric?",
}
"""What to write for types of other languages, databases and generators."""


def _misspelled(typed: str, last: str, schema: Schema, reason: str) -> tuple[str, str]:
    """Return message and hint for a word that is close to the name of a type, or to none."""
    own = sorted({typed_name(name, schema.find_type(name.name)) for name in schema.types})
    known = {name for names in EXTENSION_TYPES.values() for name in names}
    word = last if last in known else typed.lower()
    of_extensions = get_close_matches(word, sorted(known), cutoff=_EXTENSION_SIMILARITY)
    close = closest(word, [*TYPE_OF_WORD, "references", *own, *of_extensions])
    extension = None if close in own else extension_of_type(close or "")
    if extension:
        return (
            f"{close} is a type of the extension {extension}, which Schema.sql does not create",
            f"Add this to Schema.sql first: CREATE EXTENSION {quote_identifier(extension)};",
        )
    if word in _MEANT and close not in own:
        return f"{typed!r} is not a known type", _MEANT[word]
    if close:
        return f"{typed!r} is not a known type", f"Did you mean {close}?"
    return f"{typed!r} is not a known type{f': {reason}' if reason else ''}", _OTHER_TYPES
