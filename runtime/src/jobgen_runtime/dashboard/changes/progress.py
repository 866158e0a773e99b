"""The result of a change of many jobs over all its requests. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from jobgen_runtime.dashboard.changes.bulk import BulkResult
from jobgen_runtime.dashboard.web.parameters import Parameters

SKIPPED_PREFIX = "skipped_"
"""The parameter of the jobs that were skipped for a reason is this and the reason."""

MAX_NUMBER = 10**12
MAX_REASONS = 20
MAX_CHARACTERS = 1_000
OTHER_REASONS = "for other reasons"


@dataclass
class Progress:
    """What has become of jobs so far."""

    changed: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    """How many were left as they are, by the reason."""

    def add(self, result: BulkResult) -> None:
        """Add the result of a request."""
        self.changed += len(result.changed)
        for reason, number in result.skipped.items():
            is_listed = reason in self.skipped or len(self.skipped) < MAX_REASONS
            self.skipped[reason if is_listed else OTHER_REASONS] += number

    def parameters(self) -> Mapping[str, object]:
        """Return the parameters that `read_progress` reads."""
        return {
            "changed": self.changed,
            **{SKIPPED_PREFIX + reason: number for reason, number in self.skipped.items()},
        }


def read_progress(parameters: Parameters) -> Progress:
    """Return what has become of jobs in the requests before.

    Raises:
        RequestRefused: A number is invalid (400).
    """
    names = [name for name in parameters if name.startswith(SKIPPED_PREFIX)]
    return Progress(
        parameters.clamped("changed", default=0, least=0, most=MAX_NUMBER),
        Counter(
            {
                name.removeprefix(SKIPPED_PREFIX)[:MAX_CHARACTERS]: parameters.clamped(
                    name, default=0, least=0, most=MAX_NUMBER
                )
                for name in names[: MAX_REASONS + 1]
            }
        ),
    )
