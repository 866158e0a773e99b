"""A plan: what a generator would do to the files, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Literal

from jobgen.errors import ExitCode

Op = Literal["create", "update", "delete", "identical"]


class IssueKind(Enum):
    """Why a plan cannot be applied, and so how the process ends."""

    USAGE = ExitCode.USAGE
    """A name or an argument that cannot be meant."""
    PROJECT = ExitCode.ERROR
    """Something in the project that has to be put right first."""
    CONFLICT = ExitCode.CONFLICT
    """A file that is not what the plan would write over; `--force` or `--skip` decides."""


def content_digest(content: bytes | None) -> str | None:
    """Return the SHA-256 of a file's contents in hexadecimal, or None for a missing file."""
    return None if content is None else sha256(content).hexdigest()


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file's whole contents before and after; None is a file that is not there.

    `path` is relative to the project's root. `mode` is the permission bits of the
    file after the change, None for those it has (0o644 for a new one).
    """

    path: PurePosixPath
    before: bytes | None
    after: bytes | None
    mode: int | None = None

    @property
    def op(self) -> Op:
        """What the change does; a change to nothing is `identical`."""
        if self.before == self.after:
            return "identical"
        if self.before is None:
            return "create"
        return "delete" if self.after is None else "update"


@dataclass(frozen=True, slots=True)
class Issue:
    """A fault of the project or of the arguments that blocks the plan.

    `line` and `column` count from 1 and are in `path`; `hint` says what to do,
    and `paste` is text for the user to put in by hand, where there is any.
    """

    kind: IssueKind
    message: str
    path: PurePosixPath | None = None
    line: int | None = None
    column: int | None = None
    hint: str | None = None
    paste: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a generator would do; a plan with issues cannot be applied."""

    generator: str
    args: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    changes: tuple[FileChange, ...] = ()
    issues: tuple[Issue, ...] = ()
    warnings: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()

    @property
    def pending(self) -> tuple[FileChange, ...]:
        """The changes that change something; none where the plan was applied already."""
        return tuple(change for change in self.changes if change.op != "identical")
