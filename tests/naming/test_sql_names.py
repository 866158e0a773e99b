"""Identifiers fit 63 bytes and are quoted as PostgreSQL itself quotes them."""

from __future__ import annotations

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jobgen_runtime.job_table.names import MAX_IDENTIFIER_BYTES, object_name

from jobgen.naming import quote_identifier

names = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=90
)


def test_a_name_that_fits_is_plain() -> None:
    assert object_name("email_customers_jobs", "claim") == "email_customers_jobs_claim"


def test_two_long_names_stay_apart() -> None:
    stem = "a" * 60
    claim, closed = object_name(stem, "claim"), object_name(stem, "claims")
    assert claim != closed
    assert claim.startswith("a" * 50)


@given(names, st.sampled_from(["claim", "wake_on_insert", "größe_index"]))
def test_every_name_fits(table: str, suffix: str) -> None:
    name = object_name(table, suffix)
    assert len(name.encode()) <= MAX_IDENTIFIER_BYTES
    assert name == object_name(table, suffix)


def test_quotes_are_those_of_the_server(database: str) -> None:
    tried = ["bands", "Bands", "order", "user", "select", "first name", 'a"b', "größe", "a$b"]
    tried += ["1st", "name", "type", "value", "_x", "table", "json_table", "window", ""]
    with psycopg.connect(database) as conn:
        tried += [row[0] for row in conn.execute("SELECT word FROM pg_get_keywords()")]
        for name in filter(None, tried):
            row = conn.execute("SELECT quote_ident(%s)", (name,)).fetchone()
            assert row is not None
            assert quote_identifier(name) == row[0]


@pytest.mark.parametrize("name", ["a" * 63, "ä" * 31])
def test_what_just_fits_is_not_shortened(name: str) -> None:
    assert object_name(name[:-2], "x")[:-2] == name[:-2]
