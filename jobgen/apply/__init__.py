"""Apply a plan to the disk, all of it or nothing, and keep a receipt that undoes it."""

from jobgen.apply.disk import Disk
from jobgen.apply.journal import ChangeRecord
from jobgen.apply.recovery import is_interrupted, recover
from jobgen.apply.transaction import apply_plan
from jobgen.apply.undo import applied_changes, last_receipt, plan_undo

__all__ = [
    "ChangeRecord",
    "Disk",
    "applied_changes",
    "apply_plan",
    "is_interrupted",
    "last_receipt",
    "plan_undo",
    "recover",
]
