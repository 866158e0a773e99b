"""Where an import belongs among those of a file, by the rules of isort as ruff has them."""

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
    """A top-level line that only imports; `apart` if a blank line, or no import, precedes it."""

    module: str
    level: int
    is_from: bool
    apart: bool

    @property
    def top(self) -> str:
        """The package that is imported from."""
        return self.module.partition(".")[0]


@dataclass(frozen=True, slots=True)
class ImportPosition:
    """Where a new line goes: it becomes the one at `index`.

    It is put `first` in its group, `ahead` of another one there, `behind` all of them, or
    `apart` from all others.
    """

    index: int
    how: Literal["first", "ahead", "behind", "apart"]


def import_position(lines: Sequence[ImportLine | None], module: str, start: int) -> ImportPosition:
    """The spot for `from module import …` among a file's first lines.

    `lines` are the statements up to the one that needs the import, None for what is no import;
    `start` is the first index that may be taken (after a docstring).
    """
    block = _block(lines, module)
    if not block:
        return ImportPosition(start, "apart")
    groups = _groups(lines, block)
    ranks = _ranks(
        [[line for line in lines[group.start : group.stop] if line] for group in groups], module
    )
    ours = [group for group, rank in zip(groups, ranks, strict=True) if rank == _OURS]
    if ours:
        # isort puts a blank line before a comment, so that a section can be several groups.
        section = range(ours[0].start, ours[-1].stop)
        index = _within(lines, section, module)
        if index == section.stop:
            return ImportPosition(index, "behind")
        return ImportPosition(index, "first" if index == section.start else "ahead")
    for group, rank in zip(groups, ranks, strict=True):
        if rank > _OURS:
            return ImportPosition(group.start, "apart")
    return ImportPosition(block.stop, "apart")


def module_key(module: str) -> tuple[tuple[int, int | str], ...]:
    """The order of modules: by letters whatever their case, and by numbers as numbers."""
    parts = enumerate(re.split(r"(\d+)", module.lower()))
    return tuple((0, int(part)) if index % 2 else (1, part) for index, part in parts)


def member_key(name: str) -> tuple[int, tuple[tuple[int, int | str], ...]]:
    """The order of names within an import: constants, classes, the rest."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, module_key(name)


def _block(lines: Sequence[ImportLine | None], module: str) -> range:
    """The run of imports to add to: the last one that has our package, else the last one."""
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
    starts = [index for index in block if (line := lines[index]) and line.apart]
    bounds = sorted({block.start, *starts, block.stop})
    return [range(start, stop) for start, stop in pairwise(bounds)]


def _ranks(groups: list[list[ImportLine]], module: str) -> list[int]:
    """The section of each group.

    Which packages are the project's own is nowhere said in the file: those of our own
    package are, and in a layout with capitalised packages those that are capitalised; and
    where two groups could be either, the second is the project's.
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
    """Ahead of the first that sorts after it; at the end of what is not sorted."""
    own = [(index, line) for index in group if (line := lines[index]) and line.is_from]
    keys = [module_key(line.module) for _, line in own]
    if keys == sorted(keys):
        later = [index for index, line in own if module_key(line.module) > module_key(module)]
        return later[0] if later else group.stop
    top = module.partition(".")[0]
    return max((index + 1 for index, line in own if line.top == top), default=group.stop)
