"""Reads the text of Schema.sql into a `Schema`, with PostgreSQL 17's grammar."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

import pgparse

from jobgen.schema.errors import SchemaError
from jobgen.schema.model import Schema
from jobgen.schema.parse import objects, user_types
from jobgen.schema.parse.alter_table import alter_table
from jobgen.schema.parse.create_table import create_table
from jobgen.schema.parse.doubts import begun_transaction, find_doubt
from jobgen.schema.parse.draft import Draft, Unresolved
from jobgen.schema.parse.extensions import create_extension
from jobgen.schema.parse.job_tables import blank_job_blocks
from jobgen.schema.parse.tree import Node
from jobgen.schema.script.read import read_script
from jobgen.schema.script.script import Script, split_statements

_DECLARES = re.compile(
    r"create (unlogged )?table\b|create (foreign table|type|domain|schema)\b|alter (table|domain)\b"
)

_PLAIN_STRINGS_OFF = re.compile(
    r"^\s*set\s+(?:session\s+|local\s+)?standard_conforming_strings\s*(?:=|to)\s*'?off\b(?=.*\\)",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)


def read_schema(text: str, path: PurePosixPath) -> Schema:
    """Return the schema that exists after all statements of `text`.

    Statements that declare neither tables nor types (functions, policies, extensions, rows) are
    parsed and ignored, and so are psql's meta-commands and the files that the text includes.

    Args:
        text: The text of Schema.sql.
        path: The path of Schema.sql, for error messages.

    Raises:
        SchemaError: The text is not PostgreSQL 17's SQL, or only a server can resolve it
            (CREATE TABLE … AS). A newer server may accept it.
    """
    if "\0" in text:
        reason = "SQL must not contain a NUL character"
        raise SchemaError(path, text, text.index("\0"), reason)
    return read_script_schema(read_script(text, path)).schema


@dataclass(frozen=True, slots=True)
class Reading:
    """The result of reading the text of a script.

    Attributes:
        schema: The schema that exists after all its statements.
        doubts: The statements that may have done more, which only a server can say.
    """

    schema: Schema
    doubts: tuple[SchemaError, ...]


def read_script_schema(script: Script) -> Reading:
    """Return the schema that exists after all statements of a script.

    Raises:
        SchemaError: As `read_schema` does.
    """
    if setting := _PLAIN_STRINGS_OFF.search(script.sql):
        reason = "backslashes in strings have another meaning after this"
        raise script.error(setting.start(), reason)
    blanked = blank_job_blocks(script.sql)
    sql = blanked.sql
    with _no_garbage_collection():
        draft = Draft(job_tables=blanked.job_tables)
        doubts: list[tuple[int, str]] = []
        begun: int | None = None
        try:
            for statement, start in _statements(sql, draft):
                begun = begun_transaction(statement, draft.offset + start, begun)
                if doubt := find_doubt(statement):
                    location = start if doubt.location is None else doubt.location
                    doubts.append((draft.offset + location, doubt.reason))
                _apply(draft, statement)
        except pgparse.PGQueryError as error:
            # Positions of errors count characters from 1 and are 0 if unknown; locations in the
            # tree count bytes from 0.
            raise script.error(max(error.position - 1, 0), error.message) from None
        except Unresolved as question:
            location = draft.offset + question.location
            raise script.error(_characters(sql, location), question.reason) from None
    if begun is not None:
        doubts.append((begun, "a transaction is not committed"))
    lines = _lines(script, sql, [table.location for table in draft.tables.values()])
    errors = [script.error(_characters(sql, place), reason) for place, reason in doubts]
    errors += [
        script.error(position, f"what \\{use.command} does depends on the result of a query")
        for position, use in script.results.items()
        if use.command == "gexec" or script.resume is not None
    ]
    return Reading(draft.schema(lines), tuple(errors))


def _characters(sql: str, location: int) -> int:
    """Return the position in characters of a byte of the SQL."""
    return len(sql.encode()[:location].decode(errors="ignore"))


def _statements(sql: str, draft: Draft) -> Iterator[tuple[Node, int]]:
    """Yield the parse tree and start of each statement, which count from `draft.offset`."""
    try:
        entries = pgparse.parse(sql)
    except RecursionError:
        yield from _statements_one_by_one(sql, draft)
        return
    for entry in entries:
        yield entry.get("stmt", {}), entry.get("stmt_location", 0)


def _statements_one_by_one(sql: str, draft: Draft) -> Iterator[tuple[Node, int]]:
    """Parse statement by statement, because one is nested too deeply for Python's JSON reader.

    The text is valid, or the parser would have raised another error. The deep statement is
    ignored, unless it declares something.
    """
    position = 0
    for statement in split_statements(sql):
        draft.offset += len(sql[position : statement.offset].encode())
        position = statement.offset
        try:
            entries = pgparse.parse(statement.text)
        except RecursionError:
            if _DECLARES.match(statement.words):
                raise Unresolved("this statement is nested too deeply to be read", 0) from None
            continue
        for entry in entries:
            yield entry.get("stmt", {}), 0


def _lines(script: Script, sql: str, locations: list[int]) -> dict[int, int]:
    """Return the line in the main file of each location (a byte offset), in one pass."""
    encoded = sql.encode()
    lines: dict[int, int] = {}
    line, position, offset = 1, 0, 0
    for location in sorted(locations):
        between = encoded[position:location]
        position = location
        if len(script.parts) == 1:
            line += between.count(b"\n")
        else:
            offset += len(between.decode())
            line = script.line_in_main(offset)
        lines[location] = line
    return lines


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Disable the garbage collector.

    A parse tree is a million small dicts without cycles; collecting them doubles the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _apply(draft: Draft, statement: Node) -> None:
    """Apply one statement to the draft."""
    for kind, body in statement.items():
        if action := _ACTIONS.get(kind):
            action(draft, body)


def _create_foreign_table(draft: Draft, statement: Node) -> None:
    create_table(draft, statement["base"])


def _create_schema(draft: Draft, statement: Node) -> None:
    """Apply CREATE SCHEMA app CREATE TABLE …: its elements are created in that schema."""
    if not statement.get("schemaElts"):
        return
    outer = draft.search_path
    name = statement.get("schemaname") or statement.get("authrole", {}).get("rolename", "public")
    draft.search_path = (name, *outer)
    for element in statement["schemaElts"]:
        _apply(draft, element)
    draft.search_path = outer


_ACTIONS: dict[str, Callable[[Draft, Node], None]] = {
    "CreateStmt": create_table,
    "CreateForeignTableStmt": _create_foreign_table,
    "CreateSchemaStmt": _create_schema,
    "CreateTableAsStmt": objects.create_table_as,
    "SelectStmt": objects.select,
    "AlterTableStmt": alter_table,
    "CreateEnumStmt": user_types.create_enum,
    "AlterEnumStmt": user_types.alter_enum,
    "CompositeTypeStmt": user_types.create_composite,
    "CreateRangeStmt": user_types.create_range,
    "CreateDomainStmt": user_types.create_domain,
    "AlterDomainStmt": user_types.alter_domain,
    "IndexStmt": objects.create_index,
    "ViewStmt": objects.create_view,
    "CreateExtensionStmt": create_extension,
    "CreateSeqStmt": objects.create_sequence,
    "AlterSeqStmt": objects.alter_sequence,
    "DropStmt": objects.drop,
    "RenameStmt": objects.rename,
    "AlterObjectSchemaStmt": objects.set_schema,
    "VariableSetStmt": objects.set_variable,
}
