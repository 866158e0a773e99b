"""The names of typed records and their attributes."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache

from jobgen_runtime.project import camel_case

# The public members of `Record` and `JobRecord`, which an attribute of the same name would hide.
_RECORD_MEMBERS = """
    Values Changes create create_sync create_many create_many_sync insert_many insert_many_sync
    build get get_sync refresh refresh_sync update update_sync delete delete_sync
    fetch_all fetch_all_sync get_or_create get_or_create_sync update_or_create
    update_or_create_sync transaction transaction_sync cancel cancel_sync
    retry retry_sync wait wait_sync pause pause_sync resume resume_sync
"""
# The builtins that the body of a generated record uses. A name bound in a class body hides the
# builtin from type checkers in the rest of that body. `id` and `type` are not used there.
_USED_BUILTINS = "bool bytes classmethod dict float int list memoryview object str tuple"
_RESERVED = frozenset([*_RECORD_MEMBERS.split(), *_USED_BUILTINS.split(), *keyword.kwlist])

_SINGULARS = {
    "aliases": "alias",
    "cookies": "cookie",
    "echoes": "echo",
    "heroes": "hero",
    "movies": "movie",
    "news": "news",
    "potatoes": "potato",
    "series": "series",
    "species": "species",
    "statuses": "status",
    "tomatoes": "tomato",
    "vetoes": "veto",
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
    """Return the singular of an English word.

    A few words are listed by name (heroes, news, statuses, …). For all others the first ending
    that matches decides: ies becomes y; sses, shes, ches and xes lose es; ss, us and is stay; s is
    dropped. `[tool.jobgen.records]` overrides the result.
    """
    lower = word.lower()
    if lower in _SINGULARS:
        return _SINGULARS[lower]
    for ending, replacement in _ENDINGS:
        if lower.endswith(ending) and len(lower) > len(ending) + 1:
            return word[: len(word) - len(ending)] + replacement
    return word


def record_name(table: str, overrides: Mapping[str, str]) -> str:
    """Return the class name of a table's record: `Customer` for `customers`.

    The last word is made singular, unless `overrides` (table to record) names the table. The
    result is an identifier, but two tables can have the same one; the caller checks for that.
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
    """Return the Python attribute of a column.

    Characters that are not allowed in an identifier become `_`, leading underscores are dropped,
    a name that starts with a digit is prefixed with `column_`, and a keyword, a member of
    `Record` or a builtin that records use gets a trailing `_`.
    """
    name = _identifier_characters(column).lstrip("_")
    if not name.strip("_"):
        name = "column"
    if not name.isidentifier():
        name = f"column_{name}"
    return f"{name}_" if name in _RESERVED else name


def _identifier_characters(name: str) -> str:
    """Normalise `name` as Python normalises identifiers (NFKC); invalid characters become `_`."""
    if name.isascii() and name.isidentifier():
        return name
    if not name.isascii():
        name = unicodedata.normalize("NFKC", name)
    return "".join(c if f"a{c}".isidentifier() else "_" for c in name)


def attribute_names(columns: Iterable[str]) -> dict[str, str]:
    """Return a distinct attribute for each column of one table, by column.

    Where two columns would share an attribute, the later one gets trailing underscores. Columns
    whose name is already a valid attribute come first, so that `first name` gives way to
    `first_name`.
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
