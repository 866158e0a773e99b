"""The user's decisions about what blocks a plan: a file that differs, a list that is not edited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

from jobgen.ide.parameters import Parameters
from jobgen.plan.conflicts import conflicting_paths, resolve_conflicts, skip_registrations
from jobgen.plan.model import Plan

Choice = Literal["write", "keep"]

# No argument of a generator has a dot in its name.
_FILE = "plan.file:"
_SKIP_REGISTRATION = "plan.skip-registration"


@dataclass(frozen=True, slots=True)
class Choices:
    """The decisions.

    Attributes:
        files: What to do with a file that differs: `write` overwrites or deletes it, `keep`
            leaves it as it is. A file that is missing here is not decided.
        skips_registration: Whether lists of jobs that cannot be edited are left to the user.
    """

    files: Mapping[str, Choice] = field(default_factory=dict)
    skips_registration: bool = False

    def parameters(self) -> Iterator[tuple[str, str]]:
        """Yield the parameters of a form that mean these decisions."""
        for path, choice in self.files.items():
            yield field_name(path), choice
        if self.skips_registration:
            yield _SKIP_REGISTRATION, "yes"

    def resolve(self, plan: Plan) -> Plan:
        """Return the plan with these decisions; what they leave open still blocks it."""
        if self.skips_registration:
            plan = skip_registrations(plan)
        return resolve_conflicts(
            plan,
            write=[path for path in conflicting_paths(plan) if self._of(path) == "write"],
            keep=[path for path in conflicting_paths(plan) if self._of(path) == "keep"],
        )

    def options(self, plan: Plan) -> tuple[str, ...]:
        """Return the options of the command line that mean these decisions about `plan`.

        The command line decides about all files at once, or asks about each.
        """
        chosen = {self._of(path) for path in conflicting_paths(plan)}
        options = ("--skip-registration",) if self.skips_registration else ()
        if chosen == {"write"}:
            return (*options, "--force")
        return (*options, "--skip") if chosen == {"keep"} else options

    def _of(self, path: PurePosixPath) -> Choice | None:
        return self.files.get(str(path))


def field_name(path: PurePosixPath | str) -> str:
    """Return the name of the field that decides about a file."""
    return f"{_FILE}{path}"


def read_choices(given: Parameters) -> Choices:
    """Return the decisions in a form; unknown values decide nothing."""
    files: dict[str, Choice] = {}
    for name, value in given:
        if name.startswith(_FILE) and value in {"write", "keep"}:
            files[name.removeprefix(_FILE)] = "write" if value == "write" else "keep"
    return Choices(files, given.first(_SKIP_REGISTRATION) == "yes")
