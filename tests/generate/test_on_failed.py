"""`jobgen job NAME --on-failed`: a job that reports the failures of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generate.projects import after, apply, destroy_job, job
from tests.support.tree import SHOP, read_tree, write_tree

MODULE = "Web/Job/ReportFailure.py"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "shop", SHOP)


def test_flag_adds_the_columns_of_a_report_and_an_example_that_sends_a_mail(root: Path) -> None:
    plan = apply(root, job(root, "ReportFailure", "note:text?", on_failed=True))
    columns = (
        "note TEXT DEFAULT NULL,\n    failed_table TEXT NOT NULL,\n    failed_id UUID NOT NULL,\n"
    )
    assert columns + "    failed_error TEXT DEFAULT NULL\n" in after(plan, "Application/Schema.sql")
    assert "smtplib.SMTP" in after(plan, MODULE)
    assert 'print("Hello World!")' not in after(plan, MODULE)
    assert "on_failed = ReportFailure" in plan.next_steps[2]
    # Neither the same command again nor one without the columns changes anything.
    assert not job(root, "ReportFailure", "note:text?", on_failed=True).pending
    assert not job(root, "ReportFailure").pending


def test_required_column_of_a_report_is_a_warning(root: Path) -> None:
    assert not job(root, "ReportFailure", "note:text?", "pages:int=1", on_failed=True).warnings
    assert not job(root, "Other", "note:text").warnings
    [warning] = job(root, "ReportFailure", "note:text", "pages:int", on_failed=True).warnings
    assert "requires a value of note, pages, which" in warning


def test_unchanged_report_is_destroyed_without_force(root: Path) -> None:
    apply(root, job(root, "EmailCustomers"))
    before = read_tree(root)
    apply(root, job(root, "ReportFailure", on_failed=True))
    plan = apply(root, destroy_job(root, "ReportFailure"))
    assert not plan.issues
    assert read_tree(root) == before
