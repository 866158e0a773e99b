"""The names of typed records and of their attributes."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache

from jobgen_runtime.project import camel_case

# What `Record` and `JobRecord` themselves are called by; an attribute of that name would hide it.
_RECORD_MEMBERS = """
    Values create create_sync create_many create_many_sync insert_many insert_many_sync
    get get_sync refresh refresh_sync
    fetch_all fetch_all_sync transaction transaction_sync cancel cancel_sync
    retry retry_sync pause pause_sync resume resume_sync
"""
# What the body of a generated record uses as a type or a decorator; a name bound in a class's
# body hides the builtin for type checkers in the rest of it. `id` and `type` are not used there.
_USED_BUILTINS = "bool bytes classmethod dict float int list memoryview object str tuple"
_RESERVED = frozenset([*_RECORD_MEMBERS.split(), *_USED_BUILTINS.split(), *keyword.kwlist])

_SINGULARS = {
    "aliases": "alias",
    "cookies": "cookie",
    "movies": "movie",
    "news": "news",
    "series": "series",
    "species": "species",
    "statuses": "status",
}
_ENDINGS = (
    ("ies", "y"),
    ("sses", "ss"),
    ("shes", "sh"),
    ("ches", "ch"),
    ("xes", "x"),
    ("ss", "ss"),
    ("us", "us"),
    ("is", "is"),
    ("s", ""),
)


def singular(word: str) -> str:
    """The singular of an English word by its ending, the first of these that fits:

    ies -> y, sses/shes/ches/xes -> without es, ss/us/is stay, s -> without s; and a few words
    by name (series, news, statuses, …). For all others there is `[tool.jobgen.records]`.
    """
    lower = word.lower()
    if lower in _SINGULARS:
        return _SINGULARS[lower]
    for ending, replacement in _ENDINGS:
        if lower.endswith(ending) and len(lower) > len(ending) + 1:
            return word[: len(word) - len(ending)] + replacement
    return word


def record_name(table: str, overrides: Mapping[str, str]) -> str:
    """The record's class name of a table: `customers` is `Customer`.

    The last word is made singular by `singular`; `overrides` (table to record) come first.
    The result is an identifier, but may meet that of another table: that is for the caller.
    """
    if table in overrides:
        return overrides[table]
    words = [word for word in _identifier_characters(table).split("_") if word]
    if not words:
        return "Row"
    words[-1] = singular(words[-1])
    name = camel_case(words) if table.isascii() else "".join(w[0].upper() + w[1:] for w in words)
    if not name.isidentifier():
        name = f"Table{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


@cache
def attribute_name(column: str) -> str:
    """The Python attribute of a column, an identifier.

    What cannot stand in an identifier becomes `_`, leading underscores are dropped, a digit in
    front gets `column_` before it, and a name that would meet a keyword, a member of `Record`
    or a builtin that records use gets `_` after it.
    """
    name = _identifier_characters(column).lstrip("_")
    if not name.strip("_"):
        name = "column"
    if not name.isidentifier():
        name = f"column_{name}"
    return f"{name}_" if name in _RESERVED else name


def _identifier_characters(name: str) -> str:
    """`name` in the form that Python gives identifiers (NFKC), `_` for what none may have."""
    if name.isascii() and name.isidentifier():
        return name
    if not name.isascii():
        name = unicodedata.normalize("NFKC", name)
    return "".join(c if f"a{c}".isidentifier() else "_" for c in name)


def attribute_names(columns: Iterable[str]) -> dict[str, str]:
    """The attribute of each column of one table, no two alike.

    Where two would meet, the later one gets as many `_` as it needs; columns that keep their
    own name go first, so that `first name` beside `first_name` is the one that gives way.
    """
    names = list(columns)
    result: dict[str, str] = {}
    taken: set[str] = set()
    for column in sorted(names, key=lambda name: attribute_name(name) != name):
        attribute = attribute_name(column)
        while attribute in taken:
            attribute += "_"
        taken.add(attribute)
        result[column] = attribute
    return {column: result[column] for column in names}
