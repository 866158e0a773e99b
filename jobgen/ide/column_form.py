"""The form that adds a column: its fields, and the argument of `jobgen column` that it means."""

from __future__ import annotations

from dataclasses import dataclass

from jobgen.columns.argument_text import ColumnParts, write_column
from jobgen.columns.names import typed_name, typed_table
from jobgen.columns.types import TYPE_OF_WORD
from jobgen.ide.form import Field
from jobgen.ide.parameters import Parameters
from jobgen.info.tables import DescribedSchema
from jobgen.schema.model import Schema

YES = "yes"
"""The value of a checkbox that is checked."""

_SHORT_TYPES = ("text", "int", "bigint", "numeric(10,2)", "bool", "date", "timestamptz", "jsonb")
"""Types that are suggested first."""


@dataclass(frozen=True, slots=True)
class ColumnForm:
    """The form for a column of one of the tables.

    Attributes:
        table: The chosen table.
        parts: What is entered.
        tables: The tables that can get a column.
        targets: The tables that a column can refer to, as the command line names them.
        types: Words for types to suggest.
    """

    table: str
    parts: ColumnParts
    tables: tuple[str, ...]
    targets: tuple[str, ...]
    types: tuple[str, ...]

    @property
    def table_field(self) -> Field:
        """The table that gets the column."""
        return Field(
            "table",
            "Table",
            "A table of Schema.sql.",
            "choice",
            self.table,
            required=True,
            options=self.tables,
        )

    @property
    def name_field(self) -> Field:
        """The column's name."""
        hint = "Lower-case letters, digits and underscores. A reference gets _id at its end."
        return Field(
            "name", "Name", hint, "text", self.parts.name, required=True, placeholder="note"
        )

    @property
    def type_field(self) -> Field:
        """The column's type, unless it is a reference."""
        return Field(
            "type",
            "Type",
            "A type of PostgreSQL, its Python name, or one of Schema.sql; [] makes a list.",
            "text",
            self.parts.type,
            required=False,
            suggestions=self.types,
            placeholder="text",
        )

    @property
    def default_field(self) -> Field:
        """The column's default."""
        hint = "For example 0, red, now or {1,2}; two single quotes for an empty text."
        return Field("default", "Default", hint, "text", self.parts.default, required=False)

    @property
    def missing(self) -> tuple[Field, ...]:
        """The fields to fill in before there is a plan."""
        fields = [self.table_field] if not self.table else []
        if not self.parts.name:
            fields.append(self.name_field)
        if not self.parts.type and not self.parts.references:
            fields.append(self.type_field)
        return tuple(fields)

    def arguments(self) -> dict[str, object]:
        """Return the arguments of the generator `column`.

        Raises:
            UsageError: A part is not valid.
        """
        return {"table": self.table, "columns": (write_column(self.parts),)}


def read_column_form(described: DescribedSchema, given: Parameters) -> ColumnForm:
    """Return the form with what a browser has sent."""

    def text(name: str) -> str:
        return given.first(name).strip()

    def is_checked(name: str) -> bool:
        return given.first(name) == YES

    tables = tuple(each.name for each in described.tables if each.line is not None)
    table = text("table")
    return ColumnForm(
        table=table or next(iter(tables), ""),
        parts=ColumnParts(
            name=text("name"),
            type=text("type"),
            references=text("references"),
            nullable=is_checked("nullable"),
            default=text("default"),
            unique=is_checked("unique"),
            index=is_checked("index"),
        ),
        tables=tables if not table or table in tables else (*tables, table),
        targets=_targets(described.schema),
        types=_types(described.schema),
    )


def _targets(schema: Schema) -> tuple[str, ...]:
    """Return the tables with a key of one column."""
    return tuple(
        typed_table(table, schema)
        for table in schema.tables.values()
        if len(table.primary_key) == 1 and table.partition_of is None
    )


def _types(schema: Schema) -> tuple[str, ...]:
    own = [typed_name(name, schema.find_type(name.name)) for name in schema.types]
    return tuple(dict.fromkeys((*own, *_SHORT_TYPES, *sorted(TYPE_OF_WORD))))
