"""Forms made from the JSON Schema of a generator's arguments, and what a browser sends of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from jobgen.ide.parameters import Parameters

_FLAG_OPTIONS = ("no", "yes")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form.

    Attributes:
        name: The argument's name.
        label: The text above it.
        hint: The sentence below it.
        control: What it is entered with; `lines` has one value on each line.
        value: What is entered; "" for nothing.
        required: Whether the generator needs it.
        options: The only values allowed, of a `choice`.
        suggestions: Values that the project has already.
        placeholder: An example to show while the field is empty.
    """

    name: str
    label: str
    hint: str
    control: Literal["text", "lines", "choice"]
    value: str
    required: bool
    options: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    placeholder: str = ""


def form_fields(schema: Mapping[str, Any], given: Parameters) -> tuple[Field, ...]:
    """Return the fields of a form for a JSON Schema, with the values in `given`."""
    properties: Mapping[str, Mapping[str, Any]] = schema["properties"]
    required: Sequence[str] = schema["required"]
    return tuple(
        _field(name, value, given, required=name in required) for name, value in properties.items()
    )


def _field(name: str, schema: Mapping[str, Any], given: Parameters, *, required: bool) -> Field:
    is_list = schema["type"] == "array"
    examples = tuple(map(str, schema["examples"][0] if is_list else schema["examples"]))
    hint: str = schema["description"]
    if is_list:
        return Field(
            name,
            schema["title"],
            f"{hint} One on each line.",
            "lines",
            given.first(name),
            required=required,
            placeholder="\n".join(examples),
        )
    is_flag = schema["type"] == "boolean"
    options = _FLAG_OPTIONS if is_flag else tuple(schema.get("enum", ()))
    default = options[0] if is_flag else str(schema.get("default", ""))
    return Field(
        name,
        schema["title"],
        hint,
        "choice" if options else "text",
        given.first(name, default),
        required=required,
        options=options,
        suggestions=examples,
        placeholder="" if default else next(iter(examples), ""),
    )


def read_arguments(schema: Mapping[str, Any], given: Parameters) -> dict[str, object]:
    """Return the generator's arguments; those that are empty or the default are left out."""
    arguments: dict[str, object] = {}
    for name, value in schema["properties"].items():
        text = given.first(name).strip()
        if value["type"] == "array":
            arguments[name] = tuple(line.strip() for line in text.split("\n") if line.strip())
        elif value["type"] == "boolean":
            arguments |= {name: True} if text == _FLAG_OPTIONS[1] else {}
        elif text and text != value.get("default"):
            arguments[name] = text
    return arguments


def missing_fields(fields: Sequence[Field]) -> tuple[Field, ...]:
    """Return the required fields that are empty."""
    return tuple(field for field in fields if field.required and not field.value.strip())
