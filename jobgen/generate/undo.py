"""Plan the reversal of the last change, with what it leaves to the user."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from jobgen.apply import ChangeRecord, last_receipt, plan_undo
from jobgen.generate.table import find_generator
from jobgen.plan.model import Plan


@dataclass(frozen=True, slots=True)
class Undo:
    """The reversal of a change.

    Attributes:
        plan: The plan that restores the files.
        receipt: The receipt of the change.
        command: The command that made the change.
    """

    plan: Plan
    receipt: ChangeRecord
    command: str


def read_last_undo(root: Path) -> Undo | None:
    """Return the reversal of the last change in the project at `root`; None if there is none.

    Raises:
        JobgenError: The receipt cannot be read.
    """
    receipt = last_receipt(root)
    if receipt is None:
        return None
    plan = plan_undo(root, receipt)
    generator = find_generator(receipt.generator)
    if generator is None:
        return Undo(plan, receipt, receipt.generator)
    plan = replace(plan, next_steps=generator.steps_after_undo(receipt.args))
    return Undo(plan, receipt, generator.command_line(receipt.args))
