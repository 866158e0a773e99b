"""Appends a job's block to Schema.sql, and removes it byte for byte."""

from __future__ import annotations

from codecs import BOM_UTF8
from dataclasses import replace
from pathlib import PurePosixPath
from types import MappingProxyType

from jobgen.errors import JobgenError
from jobgen.naming import quote_identifier
from jobgen.schema.errors import SchemaError
from jobgen.schema.load import ReadSchema
from jobgen.schema.model import DEFAULT_SEARCH_PATH, Schema, TypeRef
from jobgen.schema.parse.reader import read_schema


class InvalidBlock(JobgenError):
    """The block of a job that a template renders cannot be read.

    Attributes:
        reason: The fault, without a full stop.
        line: Its line in the block, from 1.
    """

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(f"The block cannot be read: {reason}.")
        self.reason = reason
        self.line = line


def append_block(
    before: bytes | None, block: str, schema: Schema, read: ReadSchema, path: PurePosixPath
) -> tuple[bytes, Schema]:
    """Append `block` to Schema.sql, with the file's own line endings.

    A last statement without a semicolon, which is valid at the end of a file, gets one.

    Args:
        before: The content of Schema.sql; None if the file does not exist.
        block: The block, with line feeds.
        schema: The schema that `before` declares.
        read: Reads the text of Schema.sql.
        path: The path of Schema.sql, for error messages.

    Returns:
        The new content, and the schema that it declares.

    Raises:
        InvalidBlock: The block is not valid SQL.
    """
    after = append_text(before, block, path)
    newline = "\r\n" if b"\r\n" in (before or b"") else "\n"
    return after, _extended(schema, block.replace("\n", newline), read, path)


def append_text(before: bytes | None, added: str, path: PurePosixPath) -> bytes:
    """Append statements to Schema.sql after an empty line; the parameters are as above."""
    text = (before or b"").decode()
    newline = "\r\n" if "\r\n" in text else "\n"
    added = added.replace("\n", newline)
    after = text + _gap(text, newline) + added
    if not _ends_in_semicolon(text) and not _is_readable(after, path):
        ended = f"{text}{newline};"
        ended += _gap(ended, newline) + added
        after = ended if _is_readable(ended, path) else after
    return after.encode()


def _is_readable(text: str, path: PurePosixPath) -> bool:
    """Return whether PostgreSQL's grammar accepts the text."""
    try:
        read_schema(text, path)
    except JobgenError:
        return False
    return True


def remove_block(content: bytes, block: str) -> bytes | None:
    """Return Schema.sql without `block` and the empty line before it.

    Returns:
        None if the content does not have the block as it was generated.
    """
    newline = b"\r\n" if b"\r\n" in content else b"\n"
    generated = block.encode().replace(b"\n", newline)
    start = content.find(generated)
    before, after = content[:start], content[start + len(generated) :]
    if start < 0 or (before.removeprefix(BOM_UTF8) and not before.endswith(newline)):
        return None
    if before.endswith(newline * 2):
        before = before[: -len(newline)]
    return before + after


def _gap(text: str, newline: str) -> str:
    """Return what separates a text from the block: one empty line."""
    if not text.lstrip("\ufeff"):
        return ""
    return newline if text.endswith("\n") else newline * 2


def _ends_in_semicolon(text: str) -> bool:
    """Return whether the text certainly ends after a semicolon, without parsing it."""
    end = text.lstrip("\ufeff").rstrip()
    last = end[end.rfind("\n") + 1 :]
    return not end or (end.endswith(";") and "--" not in last and "\\" not in last)


def _extended(schema: Schema, block: str, read: ReadSchema, path: PurePosixPath) -> Schema:
    """Return `schema` extended by the block, without reading the whole text again."""
    setting = ""
    if schema.search_path and schema.search_path != DEFAULT_SEARCH_PATH:
        names = ", ".join(map(quote_identifier, schema.search_path))
        setting = f"SET search_path = {names};\n"
    try:
        added = read(setting + block, path)
    except SchemaError as error:
        line = error.line - setting.count("\n")
        raise InvalidBlock(error.reason.removesuffix("."), line) from None
    tables = dict(schema.tables)
    for name, table in added.tables.items():
        columns = tuple(
            replace(column, type=_found(column.type, schema)) for column in table.columns
        )
        tables[name] = replace(table, columns=columns)
    return replace(
        schema,
        tables=MappingProxyType(dict(sorted(tables.items()))),
        others=schema.others | added.others,
        search_path=added.search_path if not schema.search_path else schema.search_path,
    )


def _found(type_: TypeRef, schema: Schema) -> TypeRef:
    """Return a type of the block, in which unknown names are in the default schema."""
    if type_.is_builtin or type_.qualified in schema.types:
        return type_
    found = schema.find_type(type_.name)
    return type_ if found is None else replace(type_, schema=found.schema)
