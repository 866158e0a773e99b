r"""psql's variables: how \set sets them, and their values in SQL and in arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping

_ARGUMENT = re.compile(r"'((?:[^'\\]|\\.|'')*)'|\"[^\"]*\"|`|[^\s'\"`]+")
_USE = re.compile(r"""(?<!:):(\{\?\w+\}|'\w+'|"\w+"|\w+)""")
_BOOLEANS = {"true": True, "yes": True, "false": False, "no": False, "on": True, "1": True}
_BOOLEANS |= {"off": False, "of": False, "0": False}


def assignment(argument: str, variables: Mapping[str, str]) -> tuple[str, str] | None:
    r"""Return the name and the value that `\set ARGUMENT` sets; None if they are not known.

    psql joins the values without a space.
    """
    found = list(_ARGUMENT.finditer(argument))
    if not found:
        return None
    name, *values = found
    parts: list[str] = []
    for value in values:
        quoted = value[1]
        expanded = quoted.replace("''", "'") if quoted is not None else expand(value[0], variables)
        if expanded is None or "`" in value[0] or "\\" in value[0]:
            return None
        parts.append(expanded)
    return name[0], "".join(parts)


def expand(text: str, variables: Mapping[str, str]) -> str | None:
    """Return an argument with the values of its variables; None if one has no value."""
    missing = [use for use in _USE.findall(text) if in_sql(f":{use}", variables) is None]
    return None if missing else _USE.sub(lambda use: in_sql(use[0], variables) or "", text)


def in_sql(use: str, variables: Mapping[str, str]) -> str | None:
    r"""Return what `:name`, `:'name'`, `:"name"` or `:{?name}` becomes; None without a value."""
    name = use.strip(":'\"{?}")
    if use.startswith(":{"):
        return "TRUE" if name in variables else "FALSE"
    value = variables.get(name)
    if value is None:
        return None
    if use.startswith(":'"):
        escape = "E" if "\\" in value else ""
        return f"{escape}'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
    if use.startswith(':"'):
        return '"' + value.replace('"', '""') + '"'
    return value


def boolean(text: str) -> bool | None:
    """Return the value of a condition; None if psql takes the text for none.

    An unambiguous beginning of a word is enough, as for psql.
    """
    lower = text.strip().strip("'").lower()
    if lower in _BOOLEANS:
        return _BOOLEANS[lower]
    words = ("true", "false", "yes", "no")
    found = [_BOOLEANS[word] for word in words if lower and word.startswith(lower)]
    return found[0] if found else None
