"""Plans onto the disk: all or nothing, with a receipt that undoes them."""

from jobgen.apply.disk import Disk
from jobgen.apply.record import Record, digest
from jobgen.apply.recovery import is_interrupted, recover
from jobgen.apply.transaction import apply_plan
from jobgen.apply.undo import last_receipt, plan_undo

__all__ = [
    "Disk",
    "Record",
    "apply_plan",
    "digest",
    "is_interrupted",
    "last_receipt",
    "plan_undo",
    "recover",
]
