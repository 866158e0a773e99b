"""Reading Schema.sql: every form of the text, and the position of every fault."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from jobgen.schema.errors import SchemaError
from jobgen.schema.model import QualifiedName, Schema
from jobgen.schema.parse.reader import read_schema

PATH = PurePosixPath("Application/Schema.sql")
TABLE = "CREATE TABLE a (id int PRIMARY KEY, name text NOT NULL)"


def read(text: str) -> Schema:
    return read_schema(text, PATH)


def refusal(text: str) -> SchemaError:
    with pytest.raises(SchemaError) as caught:
        read(text)
    return caught.value


@pytest.mark.parametrize(
    "text", ["", "\n", "\ufeff", "-- nothing\n", "/* nothing */", ";;", "\\d\n"]
)
def test_text_without_statements_gives_an_empty_schema(text: str) -> None:
    assert read(text) == Schema()


@pytest.mark.parametrize(
    "text",
    [
        TABLE,
        f"{TABLE};",
        f"\ufeff{TABLE};\n",
        f"\r\n{TABLE};\r\n".replace(", ", ",\r\n"),
        f"\\restrict token\n\n{TABLE};\n\\unrestrict token\n",
        f"COPY b (x) FROM stdin;\n1\n;'\n\\.\n{TABLE};\n",
    ],
)
def test_table_is_read_alike_in_every_form_of_the_text(text: str) -> None:
    assert read(text).tables == read(TABLE).tables


def test_table_has_the_line_that_creates_it() -> None:
    text = "\ufeff-- é é é\n\\connect x\n\nCREATE TABLE é (\n a int);\nCREATE TABLE b ();\n"
    text = text.replace("\n", "\r\n")
    lines = {name.name: table.line for name, table in read(text).tables.items()}
    assert lines == {"é": 4, "b": 6}


@pytest.mark.parametrize(
    ("text", "line", "column", "shown"),
    [
        ("CREATE TABEL a (id int);", 1, 8, "CREATE TABEL a (id int);\n         ^"),
        ("-- é ü 日本\nSELECT 'é'; CREATE TABEL a ();", 2, 20, "^"),
        ("SELECT 1;\r\nCREATE TABEL é;\r\n", 2, 8, "  CREATE TABEL é;\n         ^"),
        ("\ufeffCREATE TABEL a;", 1, 8, "  CREATE TABEL a;\n         ^"),
        ("\\connect a\n\tCREATE TABEL a;", 2, 9, "  \tCREATE TABEL a;\n  \t       ^"),
        ("SELECT 1;\nSELECT 'unterminated", 2, 8, "unterminated"),
        ("CREATE TABLE a (b int,);", 1, 23, "^"),
        ("CREATE TABLE a (b int", 1, 22, "CREATE TABLE a (b int\n" + " " * 23 + "^"),
        ("SELECT 1;\n\0SELECT 2;", 2, 1, "NUL"),
    ],
)
def test_syntax_error_has_its_line_column_and_excerpt(
    text: str, line: int, column: int, shown: str
) -> None:
    error = refusal(text)
    assert (error.line, error.column) == (line, column)
    assert error.message.startswith(f"Application/Schema.sql:{line}:{column}: ")
    assert shown in error.message


def test_error_excerpt_of_a_long_line_is_cut_around_the_fault() -> None:
    error = refusal("SELECT " + "1, " * 1000 + "FROM FROM" + ", 1" * 1000)
    assert len(error.message) < 400
    shown, caret = error.message.splitlines()[1:]
    assert shown[caret.index("^") :].startswith("FROM")


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("-- é\nCREATE TABLE é (a int, a int);", 2, 24),
        ("CREATE TABLE a ();\nCREATE TABLE a ();", 2, 14),
        ("-- é\nCREATE TABLE b () INHERITS (missing);", 2, 29),
        ("CREATE TABLE b (LIKE missing);", 1, 22),
        ("CREATE TABLE é AS SELECT 1 AS one;", 1, 14),
        ("SELECT 'é' AS e INTO missing;", 1, 22),
    ],
)
def test_statement_that_only_a_server_can_resolve_has_its_line_and_column(
    text: str, line: int, column: int
) -> None:
    error = refusal(text)
    assert (error.line, error.column) == (line, column)


def test_schema_has_the_search_path_of_the_end_of_the_text() -> None:
    assert read('SET search_path = app, "$user", pg_catalog;').search_path == ("app",)
    assert read("SELECT pg_catalog.set_config('search_path', '', false);").search_path == ()
    assert read("SET search_path = app; RESET search_path;").search_path == ("public",)


def test_schema_knows_the_names_of_all_relations() -> None:
    schema = read(
        "CREATE TABLE a (id int); CREATE INDEX a_index ON a (id); CREATE VIEW v AS SELECT 1;"
        "CREATE SEQUENCE s; CREATE SCHEMA app CREATE VIEW hidden AS SELECT 1;"
    )
    assert all(schema.is_taken(name) for name in ("a", "a_index", "v", "s"))
    assert not schema.is_taken("hidden")
    assert QualifiedName("app", "hidden") in schema.others


def test_text_of_forty_thousand_lines_is_read() -> None:
    block = "".join(
        f"CREATE TABLE t{n} (\n    id int PRIMARY KEY,\n    é text NOT NULL\n);\n"
        f"CREATE FUNCTION f{n}() RETURNS int LANGUAGE sql AS $$\n    SELECT {n};\n$$;\n\\echo {n}\n"
        for n in range(5000)
    )
    schema = read(block)
    assert len(schema.tables) == 5000
    assert schema.tables[QualifiedName("public", "t4999")].line == 4999 * 8 + 1


def test_deeply_nested_expression_is_ignored_unless_it_is_in_a_declaration() -> None:
    deep = "+".join(["1"] * 3000)
    view = f"CREATE VIEW v (n) AS VALUES ({deep});"
    text = f"CREATE TABLE a (é int);\n{view}\nCREATE TABLE b ();\n"
    lines = {name.name: table.line for name, table in read(text).tables.items()}
    assert lines == {"a": 1, "b": 3}
    error = refusal(f"{text}\nCREATE TABLE c (é int CHECK ({deep} > 0));\n")
    assert (error.line, error.column) == (5, 1)
    assert refusal(f"{text}\n CREATE TABLE c (LIKE missing);").column == 23
