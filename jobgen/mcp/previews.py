"""The plans that were previewed, kept until one of them is applied."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from jobgen.apply import ChangeRecord, apply_plan
from jobgen.errors import JobgenError, UsageError
from jobgen.plan.model import Plan, plan_digest

KEPT_PREVIEWS = 50
"""Number of plans that can be applied later; the oldest are forgotten."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan that was shown.

    Attributes:
        plan: The plan.
        undoes: The receipt of the change that it reverses; None for any other plan.
    """

    plan: Plan
    undoes: ChangeRecord | None = None


class Previews:
    """The plans that were shown, by their digest."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Preview] = OrderedDict()

    def keep(self, preview: Preview) -> str:
        """Keep a plan to be applied, and return its digest."""
        digest = plan_digest(preview.plan)
        self._kept[digest] = preview
        self._kept.move_to_end(digest)
        while len(self._kept) > KEPT_PREVIEWS:
            self._kept.popitem(last=False)
        return digest

    def apply(self, root: Path, digest: str) -> Plan:
        """Apply the plan with this digest to the files below `root`, and forget it.

        Returns:
            The plan.

        Raises:
            UsageError: No plan with this digest was shown, or it was applied already.
            JobgenError: The plan has issues, or a file cannot be written.
            ConflictError: A file changed after the plan was made.
        """
        preview = self._kept.get(digest)
        if preview is None:
            raise UsageError(
                "No plan with this digest was previewed, or it was applied already.",
                hint="Preview it, and apply the digest of that preview.",
            )
        if preview.plan.issues:
            raise JobgenError(
                f"The plan has issues and cannot be applied. {preview.plan.issues[0].message}",
                hint=preview.plan.issues[0].hint,
            )
        apply_plan(root, preview.plan, undoes=preview.undoes)
        del self._kept[digest]
        return preview.plan
