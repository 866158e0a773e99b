"""The command line of a script that creates a job: an option for each of the job's columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jobgen_runtime.job_table.columns import JOB_COLUMNS

from jobgen.naming import attribute_names
from jobgen.schema.model import Schema, Table
from jobgen.types_file import enum_class_names
from jobgen.types_file.annotations import annotate

# For each Python type, the function that converts a text, what it is called in `--help`, and the
# import that it needs. Each function raises ValueError for an invalid text, as argparse expects.
_CONVERTERS: dict[str, tuple[str, str, tuple[str, str] | None]] = {
    "str": ("", "TEXT", None),
    "int": ("int", "INT", None),
    "float": ("float", "FLOAT", None),
    "Decimal": ("decimal", "DECIMAL", ("decimal", "Decimal, InvalidOperation")),
    "UUID": ("UUID", "UUID", ("uuid", "UUID")),
    "datetime": ("datetime.fromisoformat", "DATETIME", ("datetime", "datetime")),
    "date": ("date.fromisoformat", "DATE", ("datetime", "date")),
    "time": ("time.fromisoformat", "TIME", ("datetime", "time")),
    "object": ("loads", "JSON", ("json", "loads")),
}
# argparse names the function in its errors, and these names say nothing of the value. They are
# registered under what the value is called instead.
_REGISTERED = frozenset({"datetime", "date", "time", "object"})
_RESERVED = frozenset({"help"})


@dataclass(frozen=True, slots=True)
class Argument:
    """One option of the script, and the argument of `create` that it becomes.

    Attributes:
        name: The name of the argument of `create`.
        flag: The option, such as "--customer-id".
        settings: The arguments of `add_argument` after the flag, as Python source.
        import_: The module and the name that `settings` need; None for none.
        enum: The class in Types.py that `settings` need; None for none.
        is_decimal: Whether `settings` use a function `decimal`.
        registration: What the value is called and the function that converts it, for
            `parser.register("type", …)`; None if `settings` name the function.
    """

    name: str
    flag: str
    settings: tuple[str, ...]
    import_: tuple[str, str] | None
    enum: str | None
    is_decimal: bool
    registration: tuple[str, str] | None


def script_arguments(
    table: Table, schema: Schema, overrides: dict[str, str]
) -> tuple[Argument, ...]:
    """Return an option for each column of a job table besides those that every job has.

    A value of a type that Python code cannot easily make of a text, such as an interval, is passed
    on as text, which PostgreSQL reads.

    Args:
        table: The job's table.
        schema: The whole schema.
        overrides: The class names in `[tool.jobgen.records]`.
    """
    names = attribute_names(column.name for column in table.columns)
    enums = enum_class_names(schema, overrides)
    arguments: list[Argument] = []
    for column in table.columns:
        if column.name in JOB_COLUMNS or column.generated:
            continue
        annotation = annotate(column.type, schema, enums)
        element = annotation.text.removeprefix("list[").removesuffix("]")
        is_text = schema.base_type(column.type).is_builtin or annotation.enum
        known = element in {*_CONVERTERS, "bool", annotation.enum} and is_text
        name = names[column.name]
        flag = _flag(name)
        if not known or (annotation.is_array and element == "bool"):
            element = ""
            metavar = column.type.name.upper() if column.type.name.isidentifier() else "TEXT"
            settings = [*_destination(name, flag), f'metavar="{metavar}"']
        else:
            settings = list(_settings(name, flag, element, annotation.enum, annotation.is_array))
        if schema.is_not_null(column) and not schema.is_optional_on_insert(column):
            settings.append("required=True")
        converter = _CONVERTERS.get(element)
        arguments.append(
            Argument(
                name,
                flag,
                tuple(settings),
                converter[2] if converter and element != annotation.enum else None,
                annotation.enum if element == annotation.enum else None,
                element == "Decimal",
                (converter[1], converter[0]) if converter and element in _REGISTERED else None,
            )
        )
    return tuple(arguments)


def _flag(name: str) -> str:
    flag = name.strip("_").replace("_", "-")
    return f"--job-{flag}" if flag in _RESERVED else f"--{flag}"


def _destination(name: str, flag: str) -> Iterator[str]:
    if flag[2:].replace("-", "_") != name:
        yield f'dest="{name}"'


def _settings(
    name: str, flag: str, element: str, enum: str | None, is_array: bool
) -> Iterator[str]:
    """Yield the arguments of `add_argument` that say what the option's value is."""
    yield from _destination(name, flag)
    if element == "bool":
        yield "action=argparse.BooleanOptionalAction"
        return
    if is_array:
        yield 'nargs="*"'
    if element == enum:
        yield f"type={enum}"
        yield f'metavar="{enum.upper()}"'
        yield f'help=", ".join(each.value for each in {enum}).replace("%", "%%")'
        return
    converter, metavar, _ = _CONVERTERS[element]
    if converter:
        yield f'type="{metavar}"' if element in _REGISTERED else f"type={converter}"
    yield f'metavar="{metavar}"'
