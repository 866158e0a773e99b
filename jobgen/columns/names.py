"""Names of tables and types on the command line, with or without their schema and quotes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from jobgen.schema.model import DEFAULT_SEARCH_PATH, QualifiedName, Schema, Table

_PART = r'(?:"(?:[^"]|"")+"|[^\s".,()\[\]]+)'
_NAME = re.compile(rf"({_PART})(?:\.({_PART}))?")
_BARE = re.compile(r"\w+")


def candidates(typed: str, schema: Schema) -> list[QualifiedName]:
    """Return what a name may refer to, in the order in which PostgreSQL looks it up.

    Capital letters count without quotes, too: unlike in SQL, `Mood` is the type "Mood" first.

    Args:
        typed: The name as it was typed: `bands`, `app.bands`, `"my bands"`.
        schema: The schema with the search path.

    Returns:
        The names; none if `typed` is not a name.
    """
    match = _NAME.fullmatch(typed)
    if match is None:
        return []
    parts = [part for part in match.groups() if part is not None]
    spellings = dict.fromkeys([tuple(map(_unquoted, parts)), tuple(map(_folded, parts))])
    path = schema.search_path or DEFAULT_SEARCH_PATH
    return [
        QualifiedName(place, spelling[-1])
        for spelling in spellings
        for place in spelling[:-1] or path
    ]


def typed_name(name: QualifiedName, visible: QualifiedName | None) -> str:
    """Return how a table or type is named on the command line.

    Args:
        name: The table or type.
        visible: The object that its name refers to without a schema; None for nothing.
    """
    own = _typed_part(name.name)
    return own if visible == name else f"{_typed_part(name.schema)}.{own}"


def typed_table(table: Table, schema: Schema) -> str:
    """Return how a table is named on the command line."""
    visible = schema.find_table(table.name)
    return typed_name(table.qualified, visible.qualified if visible else None)


def closest(word: str, names: Iterable[str]) -> str | None:
    """Return the name that is most similar to a misspelled word, or None."""
    close = get_close_matches(word, list(names), n=1, cutoff=0.6)
    return close[0] if close else None


def _unquoted(part: str) -> str:
    return part[1:-1].replace('""', '"') if part.startswith('"') else part


def _folded(part: str) -> str:
    """Return a part as SQL understands it: in lower case unless it is quoted."""
    return _unquoted(part) if part.startswith('"') else part.lower()


def _typed_part(part: str) -> str:
    return part if _BARE.fullmatch(part) else '"' + part.replace('"', '""') + '"'
