"""Plans that were shown and not applied yet. Nothing here writes to the project."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from threading import Lock

from jobgen.errors import JobgenError
from jobgen.generate.generator import Generator
from jobgen.ide.choices import Choices
from jobgen.plan.conflicts import conflicting_paths
from jobgen.plan.json_format import error_plan
from jobgen.plan.model import FileChange, IssueKind, Plan, plan_digest
from jobgen.project import Project

_KEPT = 16
"""Plans have whole files, so only the latest are kept."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan as it is shown.

    Attributes:
        generator: The generator.
        arguments: Its arguments.
        choices: The user's decisions about what blocks the plan.
        unresolved: The plan before the decisions.
        plan: The plan with them.
        digest: The digest of `plan`.
    """

    generator: Generator
    arguments: Mapping[str, object]
    choices: Choices
    unresolved: Plan
    plan: Plan
    digest: str

    @property
    def command(self) -> str:
        """The command that does the same."""
        options = self.choices.options(self.unresolved)
        return " ".join((self.generator.command_line(self.arguments), *options))

    @property
    def address(self) -> str:
        """The address of the generator's page, which applies the plan."""
        return f"/generate/{self.generator.name.replace(' ', '-')}"

    @property
    def conflicting_paths(self) -> tuple[PurePosixPath, ...]:
        """The files that the user decides about."""
        return conflicting_paths(self.unresolved)

    @property
    def conflicts(self) -> tuple[FileChange, ...]:
        """The changes of these files before the decisions."""
        paths = self.conflicting_paths
        return tuple(change for change in self.unresolved.changes if change.path in paths)

    @property
    def is_blocked(self) -> bool:
        """Whether there is a problem besides files that differ: any change may solve it."""
        return any(issue.kind is not IssueKind.CONFLICT for issue in self.unresolved.issues)

    @property
    def summary(self) -> str:
        """What the plan does, or why it cannot, in a few words."""
        if any(issue.kind is not IssueKind.CONFLICT for issue in self.plan.issues):
            return "Nothing can be generated yet."
        if self.plan.issues:
            return "Files differ: choose what to do with each of them."
        if not self.plan.pending:
            return "Nothing to do: all files are up to date."
        counts = Counter[str](change.op for change in self.plan.pending)
        first, *others = [op for op in ("create", "update", "delete") if counts[op]]
        files = "file" if counts[first] == 1 else "files"
        rest = "".join(f", {op} {counts[op]}" for op in others)
        return f"{first.capitalize()} {counts[first]} {files}{rest}."

    @property
    def can_skip_registration(self) -> bool:
        """Whether a list of jobs that cannot be edited blocks the plan before the decisions."""
        return any(issue.is_registration for issue in self.unresolved.issues)

    def parameters(self) -> Iterator[tuple[str, str]]:
        """Yield the parameters of a form that means this preview."""
        for name, value in self.arguments.items():
            yield name, "\n".join(map(str, value)) if isinstance(value, tuple) else str(value)
        yield from self.choices.parameters()


def make_preview(
    project: Project, generator: Generator, arguments: Mapping[str, object], choices: Choices
) -> Preview:
    """Make the plan for the project as it is now; an error becomes an issue of the plan."""
    try:
        plan = generator.make_plan(project, arguments)
    except JobgenError as error:
        plan = error_plan(generator.name, error)
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}."
        plan = error_plan(generator.name, JobgenError(reason))
    resolved = choices.resolve(plan)
    return Preview(generator, arguments, choices, plan, resolved, plan_digest(resolved))


def refused_preview(
    generator: Generator, arguments: Mapping[str, object], error: JobgenError
) -> Preview:
    """Return the preview of arguments of which one cannot be given to the generator."""
    plan = error_plan(generator.name, error)
    return Preview(generator, arguments, Choices(), plan, plan, plan_digest(plan))


class Previews:
    """The latest previews by their digests, for all browsers together."""

    def __init__(self) -> None:
        self._previews: OrderedDict[str, Preview] = OrderedDict()
        self._lock = Lock()

    def keep(self, preview: Preview) -> None:
        """Keep a preview, and forget the oldest."""
        with self._lock:
            self._previews[preview.digest] = preview
            self._previews.move_to_end(preview.digest)
            while len(self._previews) > _KEPT:
                self._previews.popitem(last=False)

    def find(self, digest: str) -> Preview | None:
        """Return a preview; None if it was never made, or is forgotten."""
        with self._lock:
            return self._previews.get(digest)


def is_current(root: Path, preview: Preview) -> bool:
    """Return whether the files are still as they were when the preview was made."""
    return all(_is_unchanged(root, change) for change in preview.plan.changes)


def _is_unchanged(root: Path, change: FileChange) -> bool:
    try:
        return (root / change.path).read_bytes() == change.before
    except (FileNotFoundError, NotADirectoryError):
        return change.before is None
    except OSError:
        return False
