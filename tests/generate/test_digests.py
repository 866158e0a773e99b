"""The digest of a plan stands for everything that applying it needs and writes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from types import MappingProxyType

from jobgen.plan.model import FileChange, Plan, plan_digest

CHANGE = FileChange(PurePosixPath("a.py"), b"old", b"new")
PLAN = Plan("job", MappingProxyType({"name": "Greet", "columns": ("n:int",)}), (CHANGE,))


def test_digest_differs_with_every_part_of_a_change_and_with_nothing_else() -> None:
    changes = [
        replace(CHANGE, path=PurePosixPath("b.py")),
        replace(CHANGE, before=b"other"),
        replace(CHANGE, before=None),
        replace(CHANGE, after=b"other"),
        replace(CHANGE, after=None),
        replace(CHANGE, mode=0o755),
    ]
    plans = [PLAN, *(replace(PLAN, changes=(change,)) for change in changes)]
    plans += [replace(PLAN, changes=()), replace(PLAN, changes=(CHANGE, changes[0]))]
    plans += [replace(PLAN, generator="script"), replace(PLAN, args=MappingProxyType({}))]
    assert len({plan_digest(plan) for plan in plans}) == len(plans)
    same = replace(PLAN, warnings=("said",), next_steps=("do this",), changes=(replace(CHANGE),))
    assert plan_digest(same) == plan_digest(PLAN)
