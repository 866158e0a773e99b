"""Names of indexes and triggers fit into PostgreSQL's 63 bytes and stay distinct."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jobgen_runtime.job_table.names import MAX_IDENTIFIER_BYTES, object_name

tables = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=90
)


def test_object_name_that_fits_is_not_changed() -> None:
    assert object_name("email_customers_jobs", "claim") == "email_customers_jobs_claim"


@pytest.mark.parametrize("name", ["a" * 63, "ä" * 31])
def test_object_name_of_63_bytes_is_not_shortened(name: str) -> None:
    assert object_name(name[:-2], "x")[:-2] == name[:-2]


def test_shortened_object_names_of_one_table_differ() -> None:
    table = "a" * 60
    claim, claims = object_name(table, "claim"), object_name(table, "claims")
    assert claim != claims
    assert claim.startswith("a" * 50)


@given(tables, st.sampled_from(["claim", "wake_on_insert", "größe_index"]))
def test_object_name_is_deterministic_and_fits(table: str, suffix: str) -> None:
    name = object_name(table, suffix)
    assert len(name.encode()) <= MAX_IDENTIFIER_BYTES
    assert name == object_name(table, suffix)
