"""Reads the table of contents of an archive that `pg_dump --format=custom` writes.

The format is that of `ReadHead` and `ReadToc` in PostgreSQL's src/bin/pg_dump/pg_backup_archiver.c.
pg_dump 14 to 18 write the versions 1.14 to 1.16. Newer programs read older archives, so that these
versions do not change any more.
"""

from __future__ import annotations

from dataclasses import dataclass

from jobgen.errors import JobgenError

Key = tuple[str, str, str]
"""The identity of an object: its kind, its schema ("" for none), and its name."""

_MAGIC = b"PGDMP"
_OLDEST, _NEWEST = (1, 14), (1, 16)
_DATE_FIELDS = 7
# These set up the session that restores the archive, or belong to the database itself.
_NOT_OBJECTS = frozenset(
    {"ENCODING", "STDSTRINGS", "SEARCHPATH", "DATABASE", "DATABASE PROPERTIES", "SUBSCRIPTION"}
)
_OF_DATABASE = "DATABASE "


MATVIEW_ROWS = "MATERIALIZED VIEW DATA"
"""The kind of an entry that fills a materialized view. A dump without data has none of them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One object of a dump, or one property of an object that pg_dump writes separately.

    Attributes:
        dump_id: Its number in this dump.
        kind: What it is, in pg_dump's words, such as "TABLE", "FK CONSTRAINT" or "SEQUENCE SET".
        schema: Its schema, "" for an object that is in none.
        name: Its name in pg_dump's form: "customers", "customers customers_pkey", "f(integer)".
        text: The statements that create it, each with its semicolon.
        drop: The statement that drops it, "" for a property.
        owner: The role that owns it, "" for none.
        access_method: The table access method, "" for other objects.
        dependencies: The numbers of the entries that have to be restored before it.
    """

    dump_id: int
    kind: str
    schema: str
    name: str
    text: str
    drop: str
    owner: str
    access_method: str
    dependencies: tuple[int, ...]

    @property
    def key(self) -> Key:
        """The identity, which the same object has in every dump."""
        return (self.kind, self.schema, self.name)

    @property
    def statements(self) -> tuple[str, ...]:
        """The statements that create it; () for an object that is only named."""
        if not self.text:
            return ()
        if self.access_method in {"", "heap"}:
            return (self.text,)
        method = '"{}"'.format(self.access_method.replace('"', '""'))
        setting = "SET LOCAL default_table_access_method ="
        return (f"{setting} {method};\n{self.text}\n{setting} heap;",)


def read_archive(content: bytes) -> tuple[Entry, ...]:
    """Return the entries of an archive in the order in which they are restored.

    Entries of the database itself and subscriptions, which would connect to other servers, are
    left out.

    Args:
        content: An archive in UTF-8, without data.

    Raises:
        JobgenError: The archive is of a version that is not known.
    """
    reader = _Reader(content)
    reader.read_head()
    entries = [reader.read_entry() for _ in range(reader.integer())]
    return tuple(
        entry
        for entry in entries
        if entry.kind not in _NOT_OBJECTS and not entry.name.startswith(_OF_DATABASE)
    )


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self._position = 0
        self._version = (0, 0)
        self._integer_size = 0
        self._offset_size = 0

    def read_head(self) -> None:
        magic = self._take(len(_MAGIC))
        self._version = (self._byte(), self._byte())
        self._byte()
        if magic != _MAGIC or not _OLDEST <= self._version <= _NEWEST:
            raise JobgenError(
                f"pg_dump wrote an archive of version {'.'.join(map(str, self._version))}, which"
                " this version of jobgen does not know.",
                hint="Use the programs of PostgreSQL 14 to 18: see [tool.jobgen.postgres] bin.",
            )
        self._integer_size = self._byte()
        self._offset_size = self._byte()
        self._byte()  # the format: custom
        if self._version >= (1, 15):
            self._byte()  # the compression's algorithm
        else:
            self.integer()  # the compression's level
        for _ in range(_DATE_FIELDS):
            self.integer()
        for _ in ("database", "server's version", "pg_dump's version"):
            self._string()

    def read_entry(self) -> Entry:
        dump_id = self.integer()
        self.integer()  # whether it has data
        self._string()  # the OID of its catalog
        self._string()  # its own OID
        name = self._string()
        kind = self._string()
        self.integer()  # its section
        text = self._string()
        drop = self._string()
        self._string()  # COPY
        schema = self._string()
        self._string()  # its tablespace
        access_method = self._string()
        if self._version >= (1, 16):
            self.integer()  # its relkind
        owner = self._string()
        self._string()  # WITH OIDS
        dependencies: list[int] = []
        while (dependency := self._optional_string()) is not None:
            dependencies.append(int(dependency))
        self._take(1 + self._offset_size)  # where its data is
        return Entry(
            dump_id=dump_id,
            kind=kind,
            schema=schema,
            name=name,
            text=text.strip(),
            drop=drop.strip(),
            owner=owner,
            access_method=access_method if kind == "TABLE" else "",
            dependencies=tuple(dependencies),
        )

    def integer(self) -> int:
        negative = self._byte()
        value = int.from_bytes(self._take(self._integer_size), "little")
        return -value if negative else value

    def _string(self) -> str:
        return self._optional_string() or ""

    def _optional_string(self) -> str | None:
        length = self.integer()
        return None if length < 0 else self._take(length).decode()

    def _byte(self) -> int:
        return self._take(1)[0]

    def _take(self, size: int) -> bytes:
        taken = self._content[self._position : self._position + size]
        self._position += size
        return taken
