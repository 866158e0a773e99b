"""The factory fills what a test does not name."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import ClassVar

import pytest
from jobgen_runtime import Record, Table
from jobgen_runtime.testing import TestingError, factory, make, make_sync, set_defaults
from jobgen_runtime.testing.kinds import known_record

from tests.support.kit_jobs import Band, Label, Person, Play, Positive, TourJob

pytestmark = pytest.mark.usefixtures("jobgen_transaction")


@pytest.fixture(autouse=True)
def no_defaults_of_other_tests() -> Iterator[None]:
    yield
    factory._defaults.clear()


def test_factory_fills_columns_by_type_and_makes_the_rows_they_refer_to() -> None:
    tour = make_sync(TourJob)

    assert isinstance(tour, TourJob)
    [band] = Band.fetch_all_sync("SELECT * FROM bands")
    [label] = Label.fetch_all_sync("SELECT * FROM labels")
    assert (band.id, band.label_id) == (tour.band_id, label.id)
    assert (band.name, band.genre, band.tags, band.document) == ("name 1", "rock", [], {})
    assert len(label.code) <= 4


def test_record_of_a_referenced_table_is_that_of_the_same_module() -> None:
    class OtherBand(Record):
        __table__: ClassVar = Table(Band.__table__.name, columns=("founded",))

    name = Band.__table__.sql_name
    assert known_record(name, Band.__module__) is Band
    assert known_record(name, OtherBand.__module__) is OtherBand
    assert known_record('"nothing"', Band.__module__) is None


def test_rows_of_one_test_differ_in_their_texts() -> None:
    first, second = make_sync(Band), make_sync(Band)

    assert first.name != second.name


def test_given_values_win_and_references_are_not_made_twice() -> None:
    band = make_sync(Band, name="The Who", document={"a": [1]}, size=4)
    tour = make_sync(TourJob, band_id=band.id)

    assert tour.band_id == band.id
    [only] = Band.fetch_all_sync("SELECT * FROM bands")
    assert (only.name, only.document, only.size) == ("The Who", {"a": [1]}, 4)


def test_job_class_stands_for_its_record_and_optional_columns_stay_empty() -> None:
    assert make_sync(Play, what="a").band_id is None


def test_factory_in_an_event_loop() -> None:
    async def run() -> None:
        tour = await make(TourJob)
        assert (await Band._get(None, (tour.band_id,))).name == "name 1"

    asyncio.run(run())


def test_defaults_of_the_tests_are_used_also_for_referenced_rows() -> None:
    set_defaults(Band, name=lambda number: f"band {number}", genre="jazz")

    tour = make_sync(TourJob)
    [band] = Band.fetch_all_sync("SELECT * FROM bands")
    assert (band.id, band.name, band.genre) == (tour.band_id, "band 1", "jazz")
    assert make_sync(Band, name="mine").name == "mine"
    with pytest.raises(TypeError, match="Band does not have the attribute 'colour'"):
        set_defaults(Band, colour="red")


def test_table_that_must_refer_to_itself_is_explained() -> None:
    with pytest.raises(TestingError, match=r'"people"\.boss_id must refer to a row of "people"'):
        make_sync(Person)
    assert make_sync(Person, id=1, boss_id=1).boss_id == 1


def test_refused_row_is_explained_with_its_values() -> None:
    with pytest.raises(
        TestingError, match=r"(?s)make\(Positive\).*amount=1.*positive_amount_check"
    ):
        make_sync(Positive)
    assert make_sync(Positive, amount=2000).amount == 2000


def test_unknown_attribute_is_refused() -> None:
    with pytest.raises(TypeError, match="nope"):
        make_sync(Band, nope=1)
