"""The record of one applied change: the journal while it runs, the receipt afterwards."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

VERSION = 1


@dataclass(frozen=True, slots=True)
class Reversal:
    """Makes a file's old contents out of its new ones: what stood between the parts in common.

    Small where text was added to a long file, so that receipts do not grow with the project.
    """

    prefix: int
    suffix: int
    removed: bytes

    @classmethod
    def of(cls, before: bytes, after: bytes) -> Reversal:
        """The reversal of a change from `before` to `after`."""
        prefix = _common(before, after)
        suffix = _common(before[prefix:][::-1], after[prefix:][::-1])
        return cls(prefix, suffix, before[prefix : len(before) - suffix])

    def apply(self, after: bytes) -> bytes:
        """The old contents."""
        return after[: self.prefix] + self.removed + after[len(after) - self.suffix :]


def _common(one: bytes, other: bytes) -> int:
    """How many bytes at the start are the same, by halving: each comparison is one memcmp."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One file of a record: both digests, and the way back.

    `mode` is the permission bits before, None for a file that was not there. `staged` is the
    name that the new contents have, beside the file, until they take its place.
    """

    path: PurePosixPath
    before: str | None
    after: str | None
    reversal: Reversal
    mode: int | None
    staged: str

    def restored(self, current: bytes | None) -> bytes | None:
        """The contents before, out of those after."""
        return None if self.before is None else self.reversal.apply(current or b"")


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """All that one plan does to the files, and how to reverse it.

    `made` and `removed` are the folders that it makes and removes, parents first. `number`
    orders the receipts; `undoes` is the number of the receipt that it reverses.
    """

    number: int
    generator: str
    args: Mapping[str, object]
    files: tuple[ChangedFile, ...]
    made: tuple[PurePosixPath, ...] = ()
    removed: tuple[PurePosixPath, ...] = ()
    undoes: int | None = None

    def to_json(self) -> bytes:
        """The record as a file."""
        return json.dumps(
            {
                "version": VERSION,
                "number": self.number,
                "generator": self.generator,
                "args": dict(self.args),
                "undoes": self.undoes,
                "made": [str(path) for path in self.made],
                "removed": [str(path) for path in self.removed],
                "files": [
                    {
                        "path": str(entry.path),
                        "before_sha256": entry.before,
                        "after_sha256": entry.after,
                        "mode": entry.mode,
                        "staged": entry.staged,
                        "prefix": entry.reversal.prefix,
                        "suffix": entry.reversal.suffix,
                        "removed": b64encode(entry.reversal.removed).decode(),
                    }
                    for entry in self.files
                ],
            }
        ).encode()

    @classmethod
    def from_json(cls, content: bytes) -> ChangeRecord:
        """The record in a file that `to_json` wrote. Raises ValueError for any other."""
        try:
            data: dict[str, Any] = json.loads(content)
            if data["version"] != VERSION:
                raise ValueError(f"version {data['version']}, not {VERSION}")
            return cls(
                number=data["number"],
                generator=data["generator"],
                args=data["args"],
                undoes=data["undoes"],
                made=tuple(map(PurePosixPath, data["made"])),
                removed=tuple(map(PurePosixPath, data["removed"])),
                files=tuple(
                    ChangedFile(
                        path=PurePosixPath(file["path"]),
                        before=file["before_sha256"],
                        after=file["after_sha256"],
                        mode=file["mode"],
                        staged=file["staged"],
                        reversal=Reversal(
                            file["prefix"], file["suffix"], b64decode(file["removed"])
                        ),
                    )
                    for file in data["files"]
                ),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a record of jobgen: {error!r}") from error
