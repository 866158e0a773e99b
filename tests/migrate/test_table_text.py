"""Taking the statements apart with which pg_dump creates a table."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jobgen.migrate.table_text import read_table, unquoted, without_not_null_names

TEXT = r"""CREATE TABLE public."Odd ""Tab" (
    id bigint NOT NULL,
    "a,b" text DEFAULT 'x, (y); ''z'''::text COLLATE "C",
    price numeric(10,2) DEFAULT (1 + (2 * 3)),
    at timestamp(3) with time zone CONSTRAINT at_known NOT NULL,
    path text DEFAULT E'a\\b\'),'::text,
    CONSTRAINT positive CHECK ((price > (0)::numeric))
)
PARTITION BY RANGE (id);
ALTER TABLE ONLY public."Odd ""Tab" ALTER COLUMN price SET STORAGE MAIN;

ALTER TABLE ONLY public."Odd ""Tab" REPLICA IDENTITY FULL;"""


def test_table_is_read_whatever_its_names_and_defaults_contain() -> None:
    table = read_table(TEXT)
    assert table is not None
    assert table.name == 'public."Odd ""Tab"'
    assert [(each.name, each.type_text) for each in table.columns] == [
        ("id", "bigint"),
        ('"a,b"', "text"),
        ("price", "numeric(10,2)"),
        ("at", "timestamp(3) with time zone"),
        ("path", "text"),
    ]
    assert [each.text for each in table.elements if not each.is_column] == [
        "CONSTRAINT positive CHECK ((price > (0)::numeric))"
    ]
    assert table.tail == "PARTITION BY RANGE (id)"
    assert [statement.rpartition(" ")[2] for statement in table.later] == ["MAIN;", "FULL;"]


def test_table_without_columns_or_with_those_of_a_type_is_read() -> None:
    empty = read_table("CREATE UNLOGGED TABLE public.t (\n)\nWITH (fillfactor='70');")
    assert empty is not None
    assert (empty.name, empty.elements, empty.tail) == ("public.t", (), "WITH (fillfactor='70')")
    typed = read_table("CREATE TABLE public.t OF public.pair (\n    a WITH OPTIONS NOT NULL\n);")
    assert typed is not None
    assert typed.head == "CREATE TABLE public.t OF public.pair"
    assert read_table("CREATE VIEW public.v AS SELECT 1;") is None


def test_names_of_not_null_are_taken_out() -> None:
    assert without_not_null_names('a int CONSTRAINT "My Name" NOT NULL') == "a int NOT NULL"
    check = "CONSTRAINT k CHECK ((a IS NOT NULL))"
    assert without_not_null_names(check) == check


@given(
    names=st.lists(st.text("ab\"',;() ", min_size=1, max_size=5), min_size=1, max_size=4),
    default=st.text("a'(),;\" ", max_size=8),
)
def test_every_column_is_found_with_its_name(names: list[str], default: str) -> None:
    quoted = ['"{}"'.format(name.replace('"', '""')) for name in names]
    literal = "'{}'".format(default.replace("'", "''"))
    columns = ",\n".join(f"    {name} text DEFAULT {literal}::text" for name in quoted)
    table = read_table(f"CREATE TABLE public.t (\n{columns}\n);")
    assert table is not None
    assert [unquoted(each.name) for each in table.columns] == names
    assert {each.type_text for each in table.columns} == {"text"}


def test_not_null_of_a_column_that_is_not_listed_is_a_constraint() -> None:
    table = read_table(
        'CREATE TABLE public.t (\n    NOT NULL a,\n    CONSTRAINT n NOT NULL "NOT" NO INHERIT,\n'
        "    b integer DEFAULT 1 NOT NULL\n)\nINHERITS (public.p);"
    )
    assert table is not None
    assert [(each.name, each.is_column, each.requires) for each in table.elements] == [
        *(("NOT NULL a", False, "a"), ("n", False, '"NOT"'), ("b", True, "b"))
    ]
