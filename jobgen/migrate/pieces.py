"""Takes the tables of a dump apart, so that two dumps can be compared column by column.

pg_dump writes a table as one entry, with its columns and valid CHECK constraints. It writes some
defaults and every identity as separate entries. A `Piece` is what a migration can add at once: an
entry, a column with its default or identity, or a constraint.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from jobgen.migrate.archive import Entry, Key
from jobgen.migrate.table_text import Element, TableText, read_table, unquoted

TABLE_KINDS = frozenset({"TABLE", "FOREIGN TABLE"})
_PARENTS = TABLE_KINDS | {"VIEW", "MATERIALIZED VIEW", "DOMAIN"}
# Their names begin with that of what they are part of, except for those that are named alone.
_PARTS = frozenset(
    {
        *("CONSTRAINT", "FK CONSTRAINT", "CHECK CONSTRAINT", "TRIGGER", "POLICY", "RULE"),
        *("DEFAULT", "ROW SECURITY", "INDEX", "SEQUENCE", "TABLE ATTACH"),
    }
)
_NAMED_ALONE = frozenset({"INDEX", "SEQUENCE", "TABLE ATTACH"})
_WORDS = {
    "FK CONSTRAINT": "foreign key",
    "CHECK CONSTRAINT": "constraint",
    "ROW SECURITY": "row security of",
    "TABLE ATTACH": "partition",
    "INDEX ATTACH": "partition of an index:",
    "SEQUENCE OWNED BY": "owner of sequence",
    "DEFAULT ACL": "default privileges",
    "ACL": "privileges of",
    "COMMENT": "comment on",
}
_SET_DEFAULT = re.compile(r"ALTER TABLE ONLY .*? SET (DEFAULT .*);", re.DOTALL)
_IDENTITY = re.compile(r"ALTER TABLE .*? ADD (GENERATED .*);", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a database that a migration adds, or compares, at once.

    Attributes:
        key: Its identity, which the same part has in every dump. Columns have the kind "COLUMN".
        what: Its name for people.
        text: What is compared.
        sql: The statements that add it, each with its semicolon.
        drop: The statement that drops it, "" for a property.
        table: The table that it is part of, qualified and quoted as in `sql`; "" for none.
        position: Its number among the columns of its table; 0 for anything else.
        type_text: The type of a column, "" for anything else.
        dump_id: The entry that it is taken from.
        dependencies: The entries that it needs.
        parent: The entry that it is part of, and dropped with; None for an object on its own.
    """

    key: Key
    what: str
    text: str
    sql: tuple[str, ...]
    drop: str
    table: str
    dump_id: int
    dependencies: tuple[int, ...]
    parent: int | None = None
    position: int = 0
    type_text: str = ""

    @property
    def kind(self) -> str:
        """What it is, in pg_dump's words, or "COLUMN"."""
        return self.key[0]


class Dump:
    """The entries of one dump, with the names of what they belong to."""

    def __init__(self, entries: Iterable[Entry], schema: str) -> None:
        """Index the entries.

        Args:
            entries: The entries of one dump.
            schema: The schema whose name is left out in names for people.
        """
        self.entries = tuple(entries)
        self._schema = schema
        self._by_id = {entry.dump_id: entry for entry in self.entries}
        self._tables = {
            entry.dump_id: table
            for entry in self.entries
            if entry.kind in TABLE_KINDS and (table := read_table(entry.text)) is not None
        }

    def without(self, keys: AbstractSet[Key]) -> Dump:
        """Return the dump without the entries of these keys."""
        return Dump((each for each in self.entries if each.key not in keys), self._schema)

    @property
    def keys(self) -> frozenset[Key]:
        """The keys of the entries."""
        return frozenset(entry.key for entry in self.entries)

    @property
    def parents(self) -> dict[int, int]:
        """The entries of partitions, each with that of the table it is a partition of."""
        attached = (
            entry.dependencies[:2]
            for entry in self.entries
            if entry.kind == "TABLE ATTACH" and len(entry.dependencies) > 1
        )
        return {
            child: parent for child, parent in attached if {child, parent} <= self._by_id.keys()
        }

    def table_name(self, dump_id: int) -> str:
        """Return the name of a table, qualified and quoted where it needs it; "" for none."""
        table = self._tables.get(dump_id)
        return "" if table is None else table.name

    def pieces(self, split: AbstractSet[Key]) -> Iterator[Piece]:
        """Yield the pieces in the order of the dump.

        Args:
            split: The keys of the tables that are taken apart. The others are one piece each.
        """
        apart = {
            entry.dump_id: self._tables[entry.dump_id]
            for entry in self.entries
            if entry.key in split and entry.dump_id in self._tables
        }
        additions: defaultdict[tuple[int, str], list[Entry]] = defaultdict(list)
        folded: set[int] = set()
        for entry in self.entries:
            if (place := self._column_of(entry, apart)) is not None:
                additions[place].append(entry)
                folded.add(entry.dump_id)
        for entry in self.entries:
            if entry.dump_id in folded:
                continue
            if (table := apart.get(entry.dump_id)) is None:
                yield self._whole(entry)
                continue
            yield self._properties(entry, table)
            yield from self._elements(entry, table, additions)

    def dependents(self, dump_id: int) -> tuple[str, ...]:
        """Return the names of the objects that directly need an entry, without its own parts."""
        return tuple(
            self._what(entry)
            for entry in self.entries
            if dump_id in entry.dependencies and entry.drop and self._parent(entry) != dump_id
        )

    def _column_of(self, entry: Entry, apart: dict[int, TableText]) -> tuple[int, str] | None:
        """Return the column that a default or an identity belongs to."""
        if entry.kind not in {"DEFAULT", "SEQUENCE"}:
            return None
        for dump_id in entry.dependencies:
            table = apart.get(dump_id)
            if table is None:
                continue
            for column in table.columns:
                verb = "ONLY " if entry.kind == "DEFAULT" else ""
                action = "SET DEFAULT " if entry.kind == "DEFAULT" else "ADD GENERATED "
                if entry.text.startswith(
                    f"ALTER TABLE {verb}{table.name} ALTER COLUMN {column.name} {action}"
                ):
                    return dump_id, column.name
        return None

    def _whole(self, entry: Entry) -> Piece:
        parent = self._parent(entry)
        table = self._tables.get(parent or 0)
        return Piece(
            key=entry.key,
            what=self._what(entry),
            text=f"{_using(entry)}{entry.text}",
            sql=entry.statements,
            drop=entry.drop,
            table=table.name if table else "",
            dump_id=entry.dump_id,
            dependencies=entry.dependencies,
            parent=parent,
        )

    def _properties(self, entry: Entry, table: TableText) -> Piece:
        """Return what a table has besides its columns and constraints."""
        columns = tuple(_about(table, column.name) for column in table.columns)
        later = [text for text in table.later if not text.startswith(columns)]
        text = "\n".join((f"{_using(entry)}{table.head} (…) {table.tail}".strip(), *later))
        return replace(self._whole(entry), text=text, sql=(), table=table.name)

    def _elements(
        self,
        entry: Entry,
        table: TableText,
        additions: defaultdict[tuple[int, str], list[Entry]],
    ) -> Iterator[Piece]:
        for position, element in enumerate(table.elements, start=1):
            name = f"{entry.name} {unquoted(element.name)}"
            if not element.is_column:
                sql, drop = _constraint_statements(table.name, element)
                yield Piece(
                    key=("CHECK CONSTRAINT", entry.schema, name),
                    what=f"constraint {element.name} on {self._display(entry)}",
                    text=sql,
                    sql=(sql,),
                    drop=drop,
                    table=table.name,
                    dump_id=entry.dump_id,
                    dependencies=entry.dependencies,
                    parent=entry.dump_id,
                )
                continue
            more = additions[entry.dump_id, element.name]
            text = " ".join((element.text, *(_clause(each) for each in more)))
            about = _about(table, element.name)
            later = tuple(statement for statement in table.later if statement.startswith(about))
            yield Piece(
                key=("COLUMN", entry.schema, name),
                what=f"column {self._display(entry)}.{element.name}",
                text="\n".join((text, *later)),
                sql=(f"ALTER TABLE {table.name} ADD COLUMN {text};", *later),
                drop=f"ALTER TABLE {table.name} DROP COLUMN {element.name};",
                table=table.name,
                dump_id=entry.dump_id,
                dependencies=tuple(i for each in (entry, *more) for i in each.dependencies),
                parent=entry.dump_id,
                position=position,
                type_text=element.type_text,
            )

    def _parent(self, entry: Entry) -> int | None:
        """Return the table, view or domain that a constraint, trigger or index is part of."""
        if entry.kind not in _PARTS:
            return None
        for dump_id in entry.dependencies:
            parent = self._by_id.get(dump_id)
            if parent is None or parent.kind not in _PARENTS or parent.schema != entry.schema:
                continue
            if entry.kind in _NAMED_ALONE or f"{entry.name} ".startswith(f"{parent.name} "):
                return dump_id
        return None

    def _what(self, entry: Entry) -> str:
        parent = self._by_id.get(self._parent(entry) or 0)
        word = _WORDS.get(entry.kind, entry.kind.lower())
        if entry.kind in {"COMMENT", "ACL"}:
            kind, _, name = entry.name.partition(" ")
            return f"{word} {kind.lower()} {self._qualified(entry.schema, name)}"
        if parent is None or parent.name == entry.name or entry.kind in _NAMED_ALONE:
            return f"{word} {self._display(entry)}"
        return f"{word} {entry.name[len(parent.name) + 1 :]} on {self._display(parent)}"

    def _display(self, entry: Entry) -> str:
        return self._qualified(entry.schema, entry.name)

    def _qualified(self, schema: str, name: str) -> str:
        return name if schema in {"", self._schema} else f"{schema}.{name}"


def _constraint_statements(table: str, element: Element) -> tuple[str, str]:
    """Return the statements that add and drop a constraint of a table."""
    if element.requires and element.text.startswith("NOT NULL "):
        column = f"ALTER TABLE {table} ALTER COLUMN {element.requires}"
        return f"{column} SET NOT NULL;", f"{column} DROP NOT NULL;"
    add = f"ALTER TABLE {table}\n    ADD {element.text};"
    return add, f"ALTER TABLE {table} DROP CONSTRAINT {element.name};"


def _about(table: TableText, column: str) -> str:
    """Return how statements begin that set a property of a column after CREATE TABLE."""
    return f"ALTER TABLE ONLY {table.name} ALTER COLUMN {column} "


def _clause(entry: Entry) -> str:
    """Return the default or identity that an entry sets, as a clause of a column."""
    pattern = _SET_DEFAULT if entry.kind == "DEFAULT" else _IDENTITY
    found = pattern.fullmatch(entry.text)
    return found[1] if found else ""


def _using(entry: Entry) -> str:
    return f"USING {entry.access_method}: " if entry.access_method not in {"", "heap"} else ""
