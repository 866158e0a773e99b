"""Names of records and attributes: singular class names, and identifiers for any column."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobgen.naming import attribute_name, attribute_names, record_name
from tests.support.shop_types import ProbeJob


@pytest.mark.parametrize(
    ("table", "record"),
    [
        ("customers", "Customer"),
        ("bands", "Band"),
        ("companies", "Company"),
        ("addresses", "Address"),
        ("boxes", "Box"),
        ("batches", "Batch"),
        ("statuses", "Status"),
        ("heroes", "Hero"),
        ("shoes", "Shoe"),
        ("status", "Status"),
        ("analysis", "Analysis"),
        ("news", "News"),
        ("order_items", "OrderItem"),
        ("order items", "OrderItem"),
        ("email_customers_jobs", "EmailCustomersJob"),
        ("people", "People"),
        ("2fa_tokens", "Table2faToken"),
        ("größen", "Größen"),
        ("none", "None_"),
    ],
)
def test_record_name_is_the_singular_of_the_table_in_camel_case(table: str, record: str) -> None:
    assert record_name(table, {}) == record


def test_record_name_override_wins_over_the_rule() -> None:
    assert record_name("people", {"people": "Person"}) == "Person"


@pytest.mark.parametrize(
    ("column", "attribute"),
    [
        ("name", "name"),
        ("id", "id"),
        ("type", "type"),
        ("class", "class_"),
        ("create", "create_"),
        ("Values", "Values_"),
        ("refresh", "refresh_"),
        ("int", "int_"),
        ("_hidden", "hidden"),
        ("first name", "first_name"),
        ("1st", "column_1st"),
        ("größe", "größe"),
        ("___", "column"),
        ("a-b.c", "a_b_c"),
    ],
)
def test_attribute_name_is_the_column_made_a_valid_identifier(column: str, attribute: str) -> None:
    assert attribute_name(column) == attribute


def test_attribute_name_hides_no_member_of_a_record() -> None:
    members = [name for name in dir(ProbeJob) if not name.startswith("_")]
    assert [attribute_name(name) for name in members] == [f"{name}_" for name in members]


def test_column_whose_name_is_a_valid_attribute_keeps_it() -> None:
    assert attribute_names(["first name", "first_name", "class", "class_"]) == {
        "first name": "first_name_",
        "first_name": "first_name",
        "class": "class__",
        "class_": "class_",
    }


@given(st.lists(st.text(min_size=1, max_size=12), unique=True, max_size=8))
def test_attribute_names_are_distinct_public_identifiers(columns: list[str]) -> None:
    attributes = attribute_names(columns)
    assert list(attributes) == columns
    assert len(set(attributes.values())) == len(columns)
    for attribute in attributes.values():
        assert attribute.isidentifier()
        assert not keyword.iskeyword(attribute)
        assert not attribute.startswith("_")


@given(st.text(min_size=1, max_size=20))
def test_record_name_of_any_table_is_an_identifier(table: str) -> None:
    record = record_name(table, {})
    assert record.isidentifier()
    assert not keyword.iskeyword(record)
