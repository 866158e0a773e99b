"""Checks a generator's arguments that were given as JSON."""

from __future__ import annotations

from collections.abc import Mapping

from jobgen.errors import UsageError
from jobgen.generate.generator import Argument, ArgumentKind, Generator


def parse_arguments(generator: Generator, given: Mapping[str, object]) -> dict[str, object]:
    """Return the arguments for `make_plan`, whose names and kinds are those of the generator.

    Args:
        generator: The generator.
        given: Its arguments by name; null stands for an option that is not given.

    Raises:
        UsageError: A required one is missing, one is unknown, or has the wrong type.
    """
    known = {argument.name: argument for argument in generator.arguments}
    for name in given:
        if name not in known:
            names = ", ".join(known) or "none"
            raise UsageError(f"{generator.name} has no argument {name!r}; it has: {names}.")
    parsed: dict[str, object] = {}
    for name, argument in known.items():
        value = given.get(name)
        if value is None:
            if argument.kind is ArgumentKind.WORD:
                raise UsageError(f"{generator.name} needs the argument {name!r}.")
            continue
        parsed[name] = _parsed(argument, value)
    return parsed


def _parsed(argument: Argument, value: object) -> object:
    if argument.is_list:
        if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
            return tuple(value)
        raise UsageError(f"The argument {argument.name!r} must be a list of strings.")
    if argument.kind is ArgumentKind.FLAG:
        if isinstance(value, bool):
            return value
        raise UsageError(f"The argument {argument.name!r} must be true or false.")
    if not isinstance(value, str):
        raise UsageError(f"The argument {argument.name!r} must be a string.")
    if argument.choices and value not in argument.choices:
        choices = ", ".join(argument.choices)
        raise UsageError(f"The argument {argument.name!r} must be one of {choices}.")
    return value
