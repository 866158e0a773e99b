"""Apply what was shown, and undo it: the only code behind the pages that writes to the project."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock

from jobgen.apply import ChangeRecord, applied_changes, apply_plan
from jobgen.errors import ConflictError
from jobgen.generate.table import find_generator
from jobgen.generate.undo import plan_reversal
from jobgen.ide.previews import Preview
from jobgen.plan.model import Op, Plan


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was applied, or undone.

    Attributes:
        receipt: Its receipt.
        plan: The plan that was applied; of an undone change, the plan that reversed it. None if
            another process applied it: then the receipt is all that is known.
        is_undone: Whether it was undone.
    """

    receipt: ChangeRecord
    plan: Plan | None = None
    is_undone: bool = False

    @property
    def address(self) -> str:
        """The address of its page."""
        return f"/changes/{self.receipt.number}"

    @property
    def digest(self) -> str:
        """What tells it from another change that has its number after it was undone."""
        return sha256(self.receipt.to_json()).hexdigest()

    @property
    def command(self) -> str:
        """The command that makes such a change."""
        generator = find_generator(self.receipt.generator)
        if generator is None:
            return f"jobgen {self.receipt.generator}"
        return generator.command_line(self.receipt.args)

    @property
    def is_undoable(self) -> bool:
        """Whether the page may undo it: not what created the project."""
        generator = find_generator(self.receipt.generator)
        return not self.is_undone and (generator is None or generator.in_project)

    @property
    def files(self) -> tuple[tuple[Op, str], ...]:
        """What was done to which file."""
        if self.plan is not None:
            return tuple((each.op, str(each.path)) for each in self.plan.pending)
        return tuple((_op(each.before, each.after), str(each.path)) for each in self.receipt.files)


def _op(before: str | None, after: str | None) -> Op:
    if before is None:
        return "create"
    return "delete" if after is None else "update"


class Changes:
    """The changes of a project, with what is only known of those that were made here."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._made: dict[int, Change] = {}
        self._lock = Lock()

    def apply(self, preview: Preview) -> Change:
        """Apply exactly the plan that was shown.

        Raises:
            ConflictError: A file changed since. Nothing was changed.
            JobgenError: A file cannot be written. Nothing was changed.
        """
        receipt = apply_plan(self._root, preview.plan)
        if receipt is None:
            raise ConflictError("There is nothing to do: all files are up to date.")
        return self._remember(Change(receipt, preview.plan))

    def undo(self, change: Change) -> Change:
        """Undo a change, which must be the latest.

        Returns:
            The undone change; if its plan has issues, nothing was changed.

        Raises:
            ConflictError: A file changed meanwhile. Nothing was changed.
            JobgenError: A file cannot be written. Nothing was changed.
        """
        receipt = change.receipt
        plan = plan_reversal(self._root, receipt)
        if plan.issues:
            return Change(receipt, plan)
        apply_plan(self._root, plan, undoes=receipt)
        return self._remember(Change(receipt, plan, is_undone=True))

    def all(self) -> Iterator[Change]:
        """Yield the changes that were not undone, the latest first.

        Raises:
            JobgenError: A receipt cannot be read.
        """
        for receipt in applied_changes(self._root):
            change, made = Change(receipt), self._made.get(receipt.number)
            yield made if made is not None and made.digest == change.digest else change

    def find(self, number: int) -> Change | None:
        """Return the change with this number; None if it is not known any more.

        Raises:
            JobgenError: A receipt cannot be read.
        """
        kept = next((each for each in self.all() if each.receipt.number == number), None)
        return kept or self._undone(number)

    def _undone(self, number: int) -> Change | None:
        made = self._made.get(number)
        return made if made is not None and made.is_undone else None

    def _remember(self, change: Change) -> Change:
        with self._lock:
            self._made[change.receipt.number] = change
        return change
