"""Writes tables as servers before PostgreSQL 18 have them, which know NOT NULL only as a flag."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from jobgen.migrate.archive import Entry
from jobgen.migrate.table_text import Element, read_table, table_statements, without_not_null_names

_PARENTS = re.compile(r"INHERITS \((.*)\)")
_NOT_NULL = " NOT NULL"
_WITH_NOT_NULL = frozenset({"TABLE", "FOREIGN TABLE", "DOMAIN"})


def with_flags_of_not_null(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield the entries without names of NOT NULL constraints, and without inherited ones.

    Such a server does not know whether a child has stated a NOT NULL of its parent again.

    Args:
        entries: The entries of a dump, in which parents precede their children.
    """
    required: dict[str, frozenset[str]] = {}
    for entry in entries:
        if entry.kind not in _WITH_NOT_NULL:
            yield entry
            continue
        text = without_not_null_names(entry.text)
        table = read_table(text)
        if table is None:
            yield replace(entry, text=text)
            continue
        found = _PARENTS.search(table.tail)
        parents = found[1].split(", ") if found else []
        inherited = frozenset(column for parent in parents for column in required.get(parent, ()))
        own = frozenset(each.requires for each in table.elements if each.requires)
        required[table.name] = inherited | own
        if inherited & own:
            elements = tuple(_without(table.elements, inherited))
            text = table_statements(replace(table, elements=elements))
        yield replace(entry, text=text)


def _without(elements: Iterable[Element], inherited: frozenset[str]) -> Iterator[Element]:
    for each in elements:
        if each.requires not in inherited:
            yield each
        elif each.is_column:
            yield replace(each, text=each.text.removesuffix(_NOT_NULL), requires="")
