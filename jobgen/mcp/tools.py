"""What each tool does; the server only passes on arguments and results."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from jobgen.check.formats import finding_fields
from jobgen.check.project import check_project_files, check_surroundings
from jobgen.errors import JobgenError, UsageError
from jobgen.generate.arguments import parse_arguments
from jobgen.generate.run import open_project
from jobgen.generate.table import project_generators
from jobgen.generate.undo import read_last_undo
from jobgen.info import read_info
from jobgen.info.json_format import info_fields
from jobgen.mcp.previews import Preview, Previews
from jobgen.plan.conflicts import (
    conflicting_paths,
    overwrite_edited,
    resolve_conflicts,
    skip_registrations,
)
from jobgen.plan.json_format import plan_fields
from jobgen.plan.model import Plan
from jobgen.project import Project, find_project

Json = dict[str, object]
Conflicts = Literal["stop", "overwrite", "keep"]


@dataclass(frozen=True, slots=True)
class Tools:
    """The tools for the project at `root`. All raise JobgenError for expected faults."""

    root: Path
    previews: Previews = field(default_factory=Previews)

    def info(self) -> Json:
        """Return everything about the project, as `jobgen info --json` prints it."""
        return info_fields(read_info(find_project(self.root)))

    def list_generators(self) -> Json:
        """Return what jobgen can write into the project, with the schema of the arguments."""
        project = find_project(self.root)
        return {"generators": [each.describe(project) for each in project_generators()]}

    def list_jobs(self) -> Json:
        """Return the jobs of the project."""
        return {"jobs": info_fields(read_info(find_project(self.root)))["jobs"]}

    def preview(
        self, generator: str, arguments: Json, conflicts: Conflicts, *, skip_registration: bool
    ) -> Json:
        """Make the plan of a generator, and keep it to be applied."""
        found = next((each for each in project_generators() if each.name == generator), None)
        if found is None:
            names = ", ".join(each.name for each in project_generators())
            raise UsageError(f"There is no generator {generator!r}.", hint=f"There are: {names}.")
        parsed = parse_arguments(found, arguments)
        plan = found.make_plan(self._project(), parsed)
        if skip_registration:
            plan = skip_registrations(plan)
        if conflicts == "overwrite":
            plan = overwrite_edited(resolve_conflicts(plan, write=conflicting_paths(plan)))
        elif conflicts == "keep":
            plan = resolve_conflicts(plan, keep=conflicting_paths(plan))
        return self._shown(Preview(plan))

    def preview_undo(self) -> Json:
        """Make the plan that reverses the last change, and keep it to be applied."""
        undo = read_last_undo(self._project().root)
        if undo is None:
            raise JobgenError("There is nothing to undo in this project.")
        return {"undoes": undo.command, **self._shown(Preview(undo.plan, undo.receipt))}

    def preview_fixes(self) -> Json:
        """Make the plan that fixes what a check finds, and keep it to be applied."""
        return self._shown(Preview(check_project_files(self._project()).plan))

    def apply(self, digest: str) -> Json:
        """Apply the plan that was previewed with this digest."""
        root = open_project(self.root, writes=True).root
        plan = self.previews.apply(root, digest)
        return {
            "applied": [{"op": each.op, "path": str(each.path)} for each in plan.pending],
            "warnings": list(plan.warnings),
            "next_steps": list(plan.next_steps),
        }

    def check(self, *, database: bool) -> Json:
        """Return everything in the project that is inconsistent."""
        project = self._project()
        files = check_project_files(project)
        others, not_checked = check_surroundings(project, with_database=database)
        return {
            "findings": [finding_fields(each) for each in (*files.findings, *others)],
            "not_checked": list(not_checked),
        }

    def _project(self) -> Project:
        return open_project(self.root, writes=False)

    def _shown(self, preview: Preview) -> Json:
        plan: Plan = preview.plan
        can_apply = not plan.issues and (bool(plan.pending) or preview.undoes is not None)
        return {
            "digest": self.previews.keep(preview) if can_apply else None,
            "plan": plan_fields(plan),
        }
