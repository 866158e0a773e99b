"""Statements of Python that a formatter leaves unchanged at every line length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

_WIDTH = 79


@dataclass(frozen=True, slots=True)
class ModuleHead:
    """What the classes of a module need above them.

    Attributes:
        imports: The imported names by their modules.
        constants: The assignments by their names.
    """

    imports: dict[str, set[str]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)

    def need(self, module: str, *names: str) -> None:
        """Import names from a module."""
        self.imports.setdefault(module, set()).update(names)


def call(head: str, arguments: Sequence[str], indent: str = "    ") -> str:
    """Return `head(arguments)`, with one argument for each line if it is long."""
    line = f"{indent}{head}({', '.join(arguments)})"
    if len(line) <= _WIDTH:
        return line
    return "\n".join(
        (f"{indent}{head}(", *(f"{indent}    {each}," for each in arguments), f"{indent})")
    )


def items(name: str, brackets: str, values: Sequence[str]) -> str:
    """Return the assignment of a list or tuple, with one value for each line."""
    lines = (f"{name} = {brackets[0]}", *(f"    {each}," for each in values), brackets[1])
    return "\n".join(lines)


def imports(names: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the import of names by their modules, in isort's order of one section."""
    lines: list[str] = []
    for module in sorted(names, key=str.lower):
        found = sorted(set(names[module]), key=_isort_key)
        if not found:
            continue
        line = f"from {module} import {', '.join(found)}"
        if len(line) > _WIDTH:
            line = "\n".join((f"from {module} import (", *(f"    {each}," for each in found), ")"))
        lines.append(line)
    return lines


def _isort_key(name: str) -> tuple[int, str]:
    if name.isupper():
        return (0, name)
    return (1 if name[:1].isupper() else 2, name)
