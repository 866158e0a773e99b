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
    """Restores a file's old contents from its new ones.

    It stores the part that differs, between a common prefix and a common suffix. Text added to
    a long file makes a short reversal, so receipts do not grow with the project.

    Attributes:
        prefix: The number of bytes that are the same at the start.
        suffix: The number of bytes that are the same at the end.
        removed: The old bytes between them.
    """

    prefix: int
    suffix: int
    removed: bytes

    @classmethod
    def of(cls, before: bytes, after: bytes) -> Reversal:
        """Return the reversal of a change from `before` to `after`."""
        prefix = _common(before, after)
        suffix = _common(before[prefix:][::-1], after[prefix:][::-1])
        return cls(prefix, suffix, before[prefix : len(before) - suffix])

    def apply(self, after: bytes) -> bytes:
        """Return the old contents."""
        return after[: self.prefix] + self.removed + after[len(after) - self.suffix :]


def _common(one: bytes, other: bytes) -> int:
    """Count the equal bytes at the start, by bisection: each comparison is one memcmp."""
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
    """One file of a change, and how to restore it.

    Attributes:
        path: The file's path below the project's root.
        before: The digest of its contents before the change; None if it did not exist.
        after: The digest of its contents after the change; None if it was deleted.
        reversal: Restores the contents before from those after.
        mode: Its permission bits before the change; None if it did not exist.
        staged: The name of the temporary file next to it that holds the new contents.
    """

    path: PurePosixPath
    before: str | None
    after: str | None
    reversal: Reversal
    mode: int | None
    staged: str

    def restored(self, current: bytes | None) -> bytes | None:
        """Return the contents before the change, restored from the current ones."""
        return None if self.before is None else self.reversal.apply(current or b"")


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """All changes of one plan to the files, and how to reverse them.

    Attributes:
        number: The order of the receipts.
        generator: The name of the generator that made the plan.
        args: The generator's arguments.
        files: The files that the plan changes.
        created_folders: The folders that the plan creates, parents first.
        removed_folders: The folders that the plan removes, parents first.
        undoes: The number of the receipt that the plan reverses, if it does.
    """

    number: int
    generator: str
    args: Mapping[str, object]
    files: tuple[ChangedFile, ...]
    created_folders: tuple[PurePosixPath, ...] = ()
    removed_folders: tuple[PurePosixPath, ...] = ()
    undoes: int | None = None

    def to_json(self) -> bytes:
        """Return the contents of the record's file."""
        return json.dumps(
            {
                "version": VERSION,
                "number": self.number,
                "generator": self.generator,
                "args": dict(self.args),
                "undoes": self.undoes,
                "made": [str(path) for path in self.created_folders],
                "removed": [str(path) for path in self.removed_folders],
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
        """Return the record in a file that `to_json` wrote.

        Raises:
            ValueError: The file is not such a record.
        """
        try:
            data: dict[str, Any] = json.loads(content)
            if data["version"] != VERSION:
                raise ValueError(f"version {data['version']} instead of {VERSION}")
            return cls(
                number=data["number"],
                generator=data["generator"],
                args=data["args"],
                undoes=data["undoes"],
                created_folders=tuple(map(PurePosixPath, data["made"])),
                removed_folders=tuple(map(PurePosixPath, data["removed"])),
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
            raise ValueError(f"it is not a record of jobgen ({error!r})") from error
