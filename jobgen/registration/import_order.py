"""Find the position of a new import in a file, by isort's rules as ruff implements them."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

_FUTURE, _STANDARD, _THIRD_PARTY, _OURS, _RELATIVE = range(5)


@dataclass(frozen=True, slots=True)
class ImportLine:
    """A top-level line that only imports.

    Attributes:
        module: The module that is imported, or imported from.
        level: The number of leading dots of a relative import.
        is_from: Whether it is a `from … import`.
        starts_group: Whether a blank line, or something else than an import, precedes it.
    """

    module: str
    level: int
    is_from: bool
    starts_group: bool

    @property
    def top(self) -> str:
        """The top-level package of the module."""
        return self.module.partition(".")[0]


@dataclass(frozen=True, slots=True)
class ImportPosition:
    """The position of a new line.

    Attributes:
        index: The index that the line gets.
        how: Whether it is the first line of its group, stands before or after another line of
            the group, or makes a group by itself.
    """

    index: int
    how: Literal["first", "before", "after", "alone"]


def import_position(lines: Sequence[ImportLine | None], module: str, start: int) -> ImportPosition:
    """Return the position of `from module import …` in a file.

    Args:
        lines: The top-level statements before the one that needs the import; None for a
            statement that is not an import.
        module: The module that is imported from.
        start: The first index that the import may have: 1 after a docstring.
    """
    block = _block(lines, module)
    if not block:
        return ImportPosition(start, "alone")
    groups = _groups(lines, block)
    ranks = _ranks(
        [[line for line in lines[group.start : group.stop] if line] for group in groups], module
    )
    ours = [group for group, rank in zip(groups, ranks, strict=True) if rank == _OURS]
    if ours:
        # isort puts a blank line before a comment, so a section can be several groups.
        section = range(ours[0].start, ours[-1].stop)
        index = _within(lines, section, module)
        if index == section.stop:
            return ImportPosition(index, "after")
        return ImportPosition(index, "first" if index == section.start else "before")
    for group, rank in zip(groups, ranks, strict=True):
        if rank > _OURS:
            return ImportPosition(group.start, "alone")
    return ImportPosition(block.stop, "alone")


def module_key(module: str) -> tuple[tuple[int, int | str], ...]:
    """Return the sort key of a module: case-insensitive, with numbers in numeric order."""
    parts = enumerate(re.split(r"(\d+)", module.lower()))
    return tuple((0, int(part)) if index % 2 else (1, part) for index, part in parts)


def member_key(name: str) -> tuple[int, tuple[tuple[int, int | str], ...]]:
    """Return the sort key of a name in an import: constants, then classes, then the rest."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, module_key(name)


def _block(lines: Sequence[ImportLine | None], module: str) -> range:
    """Return the last run of imports with our package, or else the last run of imports."""
    blocks: list[range] = []
    for index, line in enumerate(lines):
        if line is None:
            continue
        if blocks and blocks[-1].stop == index:
            blocks[-1] = range(blocks[-1].start, index + 1)
        else:
            blocks.append(range(index, index + 1))
    top = module.partition(".")[0]
    with_ours = [
        block
        for block in blocks
        if any(
            line and not line.level and line.top == top for line in lines[block.start : block.stop]
        )
    ]
    return (with_ours or blocks or [range(0)])[-1]


def _groups(lines: Sequence[ImportLine | None], block: range) -> list[range]:
    starts = [index for index in block if (line := lines[index]) and line.starts_group]
    bounds = sorted({block.start, *starts, block.stop})
    return [range(start, stop) for start, stop in pairwise(bounds)]


def _ranks(groups: list[list[ImportLine]], module: str) -> list[int]:
    """Return the section of each group.

    The file does not show which packages are the project's own. The new import's package is,
    and if it is capitalised, so are other capitalised packages. Of two groups that could be
    either, the second is the project's.
    """
    top = module.partition(".")[0]
    ranks: list[int] = []
    for group in groups:
        tops = {line.top for line in group if not line.level}
        if not tops:
            ranks.append(_RELATIVE)
        elif "__future__" in tops:
            ranks.append(_FUTURE)
        elif top in tops:
            ranks.append(_OURS)
        elif tops <= sys.stdlib_module_names:
            ranks.append(_STANDARD)
        elif _THIRD_PARTY in ranks or (
            top[:1].isupper() and all(name[:1].isupper() for name in tops)
        ):
            ranks.append(_OURS)
        else:
            ranks.append(_THIRD_PARTY)
    return ranks


def _within(lines: Sequence[ImportLine | None], group: range, module: str) -> int:
    """Return the index before the first line that sorts after it, or the end if unsorted."""
    own = [(index, line) for index in group if (line := lines[index]) and line.is_from]
    keys = [module_key(line.module) for _, line in own]
    if keys == sorted(keys):
        later = [index for index, line in own if module_key(line.module) > module_key(module)]
        return later[0] if later else group.stop
    top = module.partition(".")[0]
    return max((index + 1 for index, line in own if line.top == top), default=group.stop)
