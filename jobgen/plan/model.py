"""The plan: all that a generator would do to the files, as a value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Literal

from jobgen.errors import ExitCode

Op = Literal["create", "update", "delete", "identical"]

UPDATE_DATABASE = "Update the database: jobgen migrate (`jobgen dev` does this while it runs)"
"""The next step after a change of Schema.sql."""


class IssueKind(Enum):
    """Why a plan cannot be applied; the values are exit codes."""

    USAGE = ExitCode.USAGE
    """A name or an argument is invalid."""
    PROJECT = ExitCode.ERROR
    """Something in the project must be corrected first."""
    CONFLICT = ExitCode.CONFLICT
    """A file differs from what the plan would overwrite; `--force` and `--skip` resolve it."""


def content_digest(content: bytes | None) -> str | None:
    """Return the SHA-256 of a file's contents in hexadecimal, or None for a missing file."""
    return None if content is None else sha256(content).hexdigest()


@dataclass(frozen=True, slots=True)
class FileChange:
    """The change of one file.

    Attributes:
        path: The file's path below the project's root.
        before: Its whole contents before the change; None if it does not exist.
        after: Its whole contents after the change; None if it is deleted.
        mode: Its permission bits after the change; None keeps them, or 0o644 for a new file.
        generated: What `--force` writes, for a file of the user that stays as it is; None for
            nothing else than `after`.
    """

    path: PurePosixPath
    before: bytes | None
    after: bytes | None
    mode: int | None = None
    generated: bytes | None = None

    @property
    def op(self) -> Op:
        """The kind of change; `identical` if there is none."""
        if self.before == self.after:
            return "identical"
        if self.before is None:
            return "create"
        return "delete" if self.after is None else "update"


@dataclass(frozen=True, slots=True)
class Issue:
    """A problem of the project or of the arguments that blocks the plan.

    Attributes:
        kind: The kind of problem.
        message: What is wrong, as a sentence.
        path: The file that it is in.
        line: The line in the file, from 1.
        column: The column in the line, from 1.
        hint: What to do about it.
        paste: Text for the user to add by hand.
        is_registration: Whether it is a list of jobs that cannot be edited; `--skip-registration`
            turns it into a warning.
    """

    kind: IssueKind
    message: str
    path: PurePosixPath | None = None
    line: int | None = None
    column: int | None = None
    hint: str | None = None
    paste: str | None = None
    is_registration: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a generator would do; a plan with issues cannot be applied.

    Attributes:
        generator: The generator's name.
        args: Its arguments.
        changes: The files that it writes, deletes or leaves as they are.
        issues: The problems that block the plan.
        warnings: What the user should know.
        next_steps: What is left for the user to do after the plan was applied.
    """

    generator: str
    args: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    changes: tuple[FileChange, ...] = ()
    issues: tuple[Issue, ...] = ()
    warnings: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()

    @property
    def pending(self) -> tuple[FileChange, ...]:
        """The changes that are not `identical`."""
        return tuple(change for change in self.changes if change.op != "identical")


def plan_digest(plan: Plan) -> str:
    """Return the SHA-256, in hexadecimal, of what applying the plan requires and writes.

    Two plans with the same digest change the same files in the same way.
    """
    changes = [
        (str(each.path), content_digest(each.before), content_digest(each.after), each.mode)
        for each in plan.changes
    ]
    text = json.dumps([plan.generator, dict(plan.args), changes], sort_keys=True)
    return sha256(text.encode()).hexdigest()
