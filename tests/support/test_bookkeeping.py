"""The books of the soak test do not balance if a job is lost, is repeated or has no attempt."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.support.bookkeeping import (
    check_commits,
    check_complaints,
    check_effects,
    check_failures,
)

DONE = "done a 1 7\ndone b 2 7\n"
ENDED = {"a": ("succeeded", 1), "b": ("succeeded", 2), "c": ("failed", 3)}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "effects").write_text(DONE)
    return tmp_path


def test_effects_balance_if_each_success_has_one(root: Path) -> None:
    assert check_effects(root, ENDED) == {"a": 1, "b": 1}
    (root / "effects").write_text(f"done b 1 6\n{DONE}overlap b 2 8\n")
    assert check_effects(root, ENDED, stopped=frozenset([8])) == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("effects", "problem"),
    {
        "done a 1 7\n": "b succeeded without its effect",
        "done a 1 7\ndone b 1 7\n": "b succeeded without its effect",
        f"{DONE}done a 1 9\n": "a ran 2 times in attempt 1",
        f"{DONE}done a 2 9\n": "a ran in an attempt that was not counted",
        f"{DONE}overlap a 1 9\n": "a ran twice at once",
    }.items(),
)
def test_effects_do_not_balance(root: Path, effects: str, problem: str) -> None:
    (root / "effects").write_text(effects)
    with pytest.raises(AssertionError, match=problem):
        check_effects(root, ENDED, stopped=frozenset([8]))


def test_attempt_that_was_interrupted_after_its_effect_may_be_repeated(root: Path) -> None:
    (root / "effects").write_text(f"{DONE}interrupted a 1 7\ndone a 1 9\n")
    check_effects(root, ENDED)
    (root / "effects").write_text(f"{DONE}interrupted a 1 7\ndone a 1 9\ndone a 1 9\n")
    with pytest.raises(AssertionError, match="a ran 3 times in attempt 1"):
        check_effects(root, ENDED)


def test_failures_balance_only_if_the_database_has_refused_the_end(root: Path) -> None:
    check_failures(root, ENDED, {"c": "The database refused it"})
    for errors in ({}, {"c": "ValueError"}, {"c": "perform returned, but refused"}):
        with pytest.raises(AssertionError):
            check_failures(root, ENDED, errors)
    with pytest.raises(AssertionError):
        check_failures(root, {**ENDED, "c": ("timed_out", 3)}, {"c": "refused"})


def test_commits_balance_only_if_successes_have_one_each(root: Path) -> None:
    check_commits(Counter("ab"), ENDED)
    for commits in ("a", "abb", "abc", "abx"):
        with pytest.raises(AssertionError):
            check_commits(Counter(commits), ENDED)


def test_complaint_of_a_job_is_found(root: Path) -> None:
    check_complaints(root)
    (root / "complaints").write_text("a pool gave wrong results")
    with pytest.raises(AssertionError, match="wrong results"):
        check_complaints(root)
