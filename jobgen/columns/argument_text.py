"""Writes the argument `name:type…` for a column whose parts are given apart, as in a form."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jobgen.columns.arguments import REFERENCE_WORDS
from jobgen.columns.column_name import VALID_NAME
from jobgen.errors import UsageError

_TYPE = re.compile(r'(?:"(?:[^"]|"")*"|\([^()]*\)|[^":=?()])+')
_TABLE = re.compile(r'(?:"(?:[^"]|"")*"|[^"?:])+')


@dataclass(frozen=True, slots=True)
class ColumnParts:
    """The parts of a column on the command line.

    Attributes:
        name: Its name.
        type: The word for its type; "" for a reference.
        references: The table that it refers to, as it is named on the command line; "" for none.
        nullable: Whether it allows NULL.
        default: Its default as it is typed; "" for none.
        unique: Whether it is UNIQUE.
        index: Whether it has an index.
    """

    name: str
    type: str = ""
    references: str = ""
    nullable: bool = False
    default: str = ""
    unique: bool = False
    index: bool = False


def write_column(parts: ColumnParts) -> str:
    """Return the argument with exactly these parts.

    Raises:
        UsageError: A part would be read as another one.
    """
    if not VALID_NAME.fullmatch(parts.name):
        raise UsageError(
            f"{parts.name!r} is not a valid column name: use lower-case letters (a to z), digits"
            " and underscores, starting with a letter."
        )
    null = "?" if parts.nullable else ""
    options = ":unique" if parts.unique else ":index" if parts.index else ""
    if parts.references:
        return f"{parts.name}:references{null}{_unique(parts)}={_referenced(parts)}"
    if parts.type.strip().lower() in REFERENCE_WORDS:
        raise UsageError("A reference needs a table.", hint="Choose the table that it refers to.")
    if not _TYPE.fullmatch(parts.type):
        raise UsageError(
            f"{parts.type!r} is not a type.", hint="Write for example text, int or numeric(10,2)."
        )
    default = f"={parts.default}" if parts.default else ""
    return f"{parts.name}:{parts.type}{null}{options}{default}"


def _unique(parts: ColumnParts) -> str:
    # A reference has an index in any case.
    return ":unique" if parts.unique else ""


def _referenced(parts: ColumnParts) -> str:
    if parts.type or parts.default:
        what = "type" if parts.type else "default"
        raise UsageError(
            f"A reference takes no {what}.",
            hint=f"Leave it empty: it refers to {parts.references}.",
        )
    if not _TABLE.fullmatch(parts.references):
        raise UsageError(f"{parts.references!r} is not the name of a table.")
    return parts.references
