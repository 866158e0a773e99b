"""The values that a script passes to a job, read from environment variables."""

from __future__ import annotations

from dataclasses import dataclass

from jobgen.naming import attribute_names
from jobgen.schema.model import Schema, Table
from jobgen.types_file.annotations import annotate

# For each annotation, the expression that converts a string, and the import that it needs.
_CONVERSIONS: dict[str, tuple[str, tuple[str, str] | None]] = {
    "str": ("{}", None),
    "int": ("int({})", None),
    "float": ("float({})", None),
    "Decimal": ("Decimal({})", ("decimal", "Decimal")),
    "UUID": ("UUID({})", ("uuid", "UUID")),
    "datetime": ("datetime.fromisoformat({})", ("datetime", "datetime")),
    "date": ("date.fromisoformat({})", ("datetime", "date")),
    "bool": ('{} == "true"', None),
}


@dataclass(frozen=True, slots=True)
class Value:
    """One argument of `create`.

    Attributes:
        name: The argument's name.
        variable: The environment variable with its value.
        expression: The Python expression that reads and converts it.
        import_: The module and the name that the expression needs; None for builtins.
    """

    name: str
    variable: str
    expression: str
    import_: tuple[str, str] | None


def required_values(table: Table, schema: Schema) -> list[Value] | None:
    """Return the values that `create` requires; None if one cannot be read from a string."""
    names = attribute_names(column.name for column in table.columns)
    values: list[Value] = []
    for column in table.columns:
        if not schema.is_not_null(column) or schema.is_optional_on_insert(column):
            continue
        base = schema.base_type(column.type)
        text = annotate(column.type, schema, {}).text if base.is_builtin else ""
        if text not in _CONVERSIONS:
            return None
        pattern, import_ = _CONVERSIONS[text]
        variable = names[column.name].rstrip("_").upper()
        expression = pattern.format(f'os.environ["{variable}"]')
        values.append(Value(names[column.name], variable, expression, import_))
    return values
