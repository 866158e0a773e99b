"""The record of a job class, in any place among the type parameters of its bases."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import pytest
from jobgen_runtime import Job
from jobgen_runtime.contract.errors import InvalidJob

from tests.support.shop_types import ProbeJob

C = TypeVar("C")
D = TypeVar("D")
R = TypeVar("R", bound=Any)


class Base(Job[ProbeJob], Generic[C]):
    def perform(self, job: ProbeJob) -> None:
        """Do nothing."""


class Open(Job[R], Generic[C, R, D]):
    def perform(self, job: R) -> None:
        """Do nothing."""


def test_base_with_a_record_takes_other_type_arguments() -> None:
    class Import(Base[int]):
        pass

    class Nested(Import):
        pass

    assert Base.record is Import.record is Nested.record is ProbeJob


def test_record_is_found_among_several_type_arguments() -> None:
    class Half(Open[int, R, C]):
        pass

    class Swapped(Half[ProbeJob, str]):
        pass

    class Whole(Open[int, ProbeJob, str]):
        pass

    assert not hasattr(Half, "record")
    assert Swapped.record is Whole.record is ProbeJob


def test_record_that_the_class_itself_sets_is_kept() -> None:
    class Other(ProbeJob):
        pass

    class Mine(Base[int]):
        record = Other

    class Derived(Mine):
        pass

    class DerivedToo(Mine, Generic[D]):
        pass

    class Bare(Job):  # type: ignore[type-arg]  # the mistake
        record = ProbeJob

        def perform(self, job: ProbeJob) -> None:
            """Do nothing."""

    assert Mine.record is Derived.record is DerivedToo.record is Other
    assert Bare.record is ProbeJob


@pytest.mark.parametrize("argument", [int, "ProbeJob", Any, ProbeJob | None])
def test_argument_that_is_not_a_record_is_refused(argument: Any) -> None:
    with pytest.raises(InvalidJob, match="takes the record of a job table"):

        class Import(Open[int, argument, str]):
            pass
