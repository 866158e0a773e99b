"""Gathers the parts of a plan; what stands in the way becomes an issue, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from types import MappingProxyType

from jobgen.errors import JobgenError, UsageError
from jobgen.plan.model import FileChange, Issue, IssueKind, Plan
from jobgen.project import Project, Snapshot
from jobgen.registration import CannotRegister


class Builder:
    """A plan while it is made of one snapshot; no method touches a file."""

    def __init__(self, snapshot: Snapshot, generator: str, args: Mapping[str, object]) -> None:
        self.snapshot = snapshot
        self._generator = generator
        self._args = dict(args)
        self._changes: dict[PurePosixPath, FileChange] = {}
        self._issues: list[Issue] = []
        self.warnings: list[str] = []
        self.next_steps: list[str] = []

    @property
    def project(self) -> Project:
        return self.snapshot.project

    @property
    def is_blocked(self) -> bool:
        """Whether an issue blocks the plan."""
        return bool(self._issues)

    @property
    def is_pending(self) -> bool:
        """Whether the plan changes a file."""
        return any(change.op != "identical" for change in self._changes.values())

    def plan(self) -> Plan:
        """Return the plan as it stands."""
        return Plan(
            generator=self._generator,
            args=MappingProxyType(self._args),
            changes=tuple(self._changes.values()),
            issues=tuple(dict.fromkeys(self._issues)),
            warnings=tuple(self.warnings),
            next_steps=tuple(self.next_steps),
        )

    def issue(
        self,
        kind: IssueKind,
        message: str,
        *,
        path: PurePosixPath | None = None,
        line: int | None = None,
        column: int | None = None,
        hint: str | None = None,
        paste: str | None = None,
    ) -> None:
        """Block the plan."""
        self._issues.append(Issue(kind, message, path, line, column, hint, paste))

    def fault(self, error: JobgenError) -> None:
        """Block the plan by an error that was raised while it was made."""
        usage = isinstance(error, UsageError)
        self.issue(IssueKind.USAGE if usage else IssueKind.PROJECT, error.message, hint=error.hint)

    def content(self, path: PurePosixPath) -> bytes | None:
        """The file as it is, with the changes so far."""
        change = self._changes.get(path)
        return self.snapshot.before(path) if change is None else change.after

    def is_usable(self, path: PurePosixPath) -> bool:
        """Whether a file can be at `path`; what stands in the way becomes an issue."""
        obstacle = self.snapshot.obstacles.get(path)
        other = self.snapshot.other_spellings.get(path)
        if obstacle is not None:
            self.issue(
                IssueKind.PROJECT,
                f"{path} {obstacle}.",
                path=path,
                hint="Move it away, or change its pattern in [tool.jobgen.paths].",
            )
        elif other is not None:
            self.issue(
                IssueKind.PROJECT,
                f"{path} would be the same as {other} on a system that ignores case.",
                path=path,
                hint="Choose another name, or spell it as it is spelled there.",
            )
        return obstacle is None and other is None

    def put(self, path: PurePosixPath, after: bytes | None, mode: int | None = None) -> None:
        """Have the file hold `after` (None: not be there), in the line ends that it has."""
        before = self.snapshot.before(path)
        if after is not None and before is not None and b"\r\n" in before:
            after = after.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        self._changes[path] = FileChange(path, before, after, mode)

    def keep(self, path: PurePosixPath) -> None:
        """Show a file that stays as it is."""
        before = self.snapshot.before(path)
        if before is not None:
            self.put(path, before)

    def put_new(self, path: PurePosixPath, after: bytes, mode: int | None = None) -> None:
        """Have a file that its user owns from then on; another one in its place is a conflict."""
        if not self.is_usable(path):
            return
        self.put(path, after, mode)
        change = self._changes[path]
        if change.op == "update":
            self.issue(
                IssueKind.CONFLICT,
                f"{path} is there already, and not as it would be generated.",
                path=path,
                hint="--force writes over it, --skip leaves it as it is, --diff shows both.",
            )

    def edit(self, path: PurePosixPath, edit: Callable[[bytes], bytes]) -> None:
        """Change a file of the user's; what cannot be edited is answered with what to paste."""
        content = self.content(path)
        if content is None or not self.is_usable(path):
            return
        try:
            self._changes[path] = FileChange(path, self.snapshot.before(path), edit(content))
        except CannotRegister as error:
            self.issue(
                IssueKind.PROJECT,
                f"{path} cannot be edited: {error.reason}.",
                path=path,
                line=error.line,
                hint="Add this there, then run the command again." if error.paste else None,
                paste=error.paste or None,
            )
