"""Builds a plan from its parts, and turns obstacles into issues."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from types import MappingProxyType

from jobgen.errors import JobgenError, UsageError
from jobgen.plan.model import FileChange, Issue, IssueKind, Plan
from jobgen.project import Project, Snapshot
from jobgen.registration import CannotRegister


class PlanBuilder:
    """Collects the changes, issues, warnings and steps of a plan. It touches no file."""

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
        """The project that the plan is for."""
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

    def add_issue(
        self,
        kind: IssueKind,
        message: str,
        *,
        path: PurePosixPath | None = None,
        line: int | None = None,
        column: int | None = None,
        hint: str | None = None,
        paste: str | None = None,
        is_registration: bool = False,
    ) -> None:
        """Block the plan; the parameters are those of `Issue`."""
        issue = Issue(kind, message, path, line, column, hint, paste, is_registration)
        self._issues.append(issue)

    def add_error(self, error: JobgenError) -> None:
        """Block the plan because of an error raised while making it."""
        kind = IssueKind.USAGE if isinstance(error, UsageError) else IssueKind.PROJECT
        self.add_issue(kind, error.message, hint=error.hint)

    def content(self, path: PurePosixPath) -> bytes | None:
        """Return the contents of a file with the changes so far; None for a missing file."""
        change = self._changes.get(path)
        return self.snapshot.before(path) if change is None else change.after

    def check_path(self, path: PurePosixPath) -> bool:
        """Return whether there can be a file at `path`; if not, add an issue."""
        obstacle = self.snapshot.obstacles.get(path)
        other = self.snapshot.other_spellings.get(path)
        if obstacle is not None:
            self.add_issue(
                IssueKind.PROJECT,
                f"{path} {obstacle}.",
                path=path,
                hint="Move it away, or change the pattern in [tool.jobgen.paths].",
            )
        elif other is not None:
            self.add_issue(
                IssueKind.PROJECT,
                f"{path} clashes with {other} on a system that ignores case.",
                path=path,
                hint="Choose another name, or use the existing spelling.",
            )
        return obstacle is None and other is None

    def put(self, path: PurePosixPath, after: bytes | None, mode: int | None = None) -> None:
        """Set the contents of a file, in its present line ends; None deletes the file."""
        before = self.snapshot.before(path)
        if after is not None and before is not None and b"\r\n" in before:
            after = after.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        self._changes[path] = FileChange(path, before, after, mode)

    def keep(self, path: PurePosixPath) -> None:
        """Include a file that stays unchanged."""
        before = self.snapshot.before(path)
        if before is not None:
            self.put(path, before)

    def keep_edited(self, path: PurePosixPath, generated: bytes) -> None:
        """Include a file of the user that stays as it is unless `--force` is given."""
        before = self.snapshot.before(path)
        self._changes[path] = FileChange(path, before, before, generated=generated)

    def put_new(self, path: PurePosixPath, after: bytes, mode: int | None = None) -> None:
        """Create a file that the user will edit; an existing file that differs is a conflict."""
        if not self.check_path(path):
            return
        self.put(path, after, mode)
        change = self._changes[path]
        if change.op == "update":
            self.add_issue(
                IssueKind.CONFLICT,
                f"{path} already exists, and differs from what would be generated.",
                path=path,
                hint="--force overwrites it, --skip keeps it, --diff shows the difference.",
            )

    def edit(self, path: PurePosixPath, edit: Callable[[bytes], bytes]) -> None:
        """Edit a file of the user; a file that cannot be edited becomes an issue.

        Args:
            path: The file; a missing one is ignored.
            edit: Returns the new contents, or raises CannotRegister.
        """
        content = self.content(path)
        if content is None or not self.check_path(path):
            return
        try:
            self._changes[path] = FileChange(path, self.snapshot.before(path), edit(content))
        except CannotRegister as error:
            self.add_issue(
                IssueKind.PROJECT,
                f"{path} cannot be edited: {error.reason}.",
                path=path,
                line=error.line,
                hint=_way_out(error),
                paste=error.paste or None,
                is_registration=True,
            )


def _way_out(error: CannotRegister) -> str:
    """Return what to do about a file that cannot be edited."""
    steps = error.action if error.paste else "Do that"
    if error.advice:
        advice = error.advice.removesuffix(".")
        action = f"{error.action[0].lower()}{error.action[1:]}"
        steps = f"{advice}. Or {action}" if error.paste else advice
    return f"{steps}, then run the command again. --skip-registration leaves the file to you."
