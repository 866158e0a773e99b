"""Edit `[tool.jobgen.records]` in pyproject.toml, one line at a time."""

from __future__ import annotations

import re
import tomllib

_HEADER = re.compile(
    r"^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*jobgen[ \t]*\.[ \t]*records[ \t]*\][^\n]*\n", re.M
)


def add_record_name(content: bytes, table: str, record: str) -> bytes | None:
    """Add the name of a table's record to pyproject.toml.

    Returns:
        The new contents, or None if a line of text cannot express the change.
    """
    text = content.decode()
    newline = "\r\n" if "\r\n" in text else "\n"
    line = f'{table} = "{record}"{newline}'
    if text and not text.endswith("\n"):
        text += newline
    header = _HEADER.search(text)
    if header:
        text = text[: header.end()] + line + text[header.end() :]
    else:
        text += f"{newline}[tool.jobgen.records]{newline}{line}"
    return text.encode() if _records(text).get(table) == record else None


def remove_record_name(content: bytes, table: str, record: str) -> bytes:
    """Remove the name of a table's record, and the header if its table becomes empty.

    Returns:
        The new contents; the same if they have no such line.
    """
    text = content.decode()
    line = re.compile(rf'^{re.escape(table)} = "{re.escape(record)}"[ \t]*\r?\n', re.M)
    removed = line.sub("", text, count=1)
    header = _HEADER.search(removed)
    if header and re.match(r"\s*(?:\[|\Z)", removed[header.end() :]):
        emptied = removed[: header.start()].rstrip("\r\n") + "\n" + removed[header.end() :]
        if "\r\n" in text:
            emptied = emptied.replace("\r\n", "\n").replace("\n", "\r\n")
        removed = emptied
    return removed.encode() if table not in _records(removed) else content


def _records(text: str) -> dict[str, object]:
    try:
        records = tomllib.loads(text.removeprefix("\ufeff"))["tool"]["jobgen"]["records"]
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        return {}
    return dict(records) if isinstance(records, dict) else {}
