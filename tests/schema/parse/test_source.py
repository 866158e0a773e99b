"""psql's meta-commands and COPY rows become spaces, and nothing else changes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobgen.schema.errors import line_and_column
from jobgen.schema.parse import source
from jobgen.schema.parse.source import plain_sql

PIECES = st.sampled_from(
    [
        *("\\connect shop\n", "\\restrict x", "\n", "\r\n", "'", "''", "E'\\''", '"', "$$", "$a$"),
        *(
            "--",
            "/*",
            "*/",
            ";",
            "COPY t FROM stdin;\n",
            "1\t\\N\n",
            "\\.\n",
            "select 1",
            "é",
            "\\",
        ),
    ]
)


@given(st.lists(PIECES).map("".join))
def test_plain_sql_keeps_every_position_and_line(text: str) -> None:
    plain = plain_sql(text)
    assert len(plain) == len(text)
    for before, after in zip(text, plain, strict=True):
        assert after == before or after in " ;"
        assert (after == "\n") == (before == "\n")


@given(st.lists(PIECES).map("".join))
def test_plain_sql_is_idempotent(text: str) -> None:
    assert plain_sql(plain_sql(text)) == plain_sql(text)


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE a (b text DEFAULT 'c:\\dir');\n",
        "SELECT E'it\\'s \\\\ here';\n",
        'CREATE TABLE "a\\b" (c int);\n',
        "-- a comment with \\connect in it\n",
        "/* outer /* inner \\d */ \\d */ SELECT 1;\n",
        "CREATE FUNCTION f() RETURNS text AS $$ SELECT '\\d'; COPY t FROM stdin; $$ LANGUAGE sql;",
        "SELECT $tag$ \\d $$ \\d $tag$;\n",
        "SELECT a$b$ FROM t; -- $b$ is a part of the name\n",
        "COPY t TO stdout;\n",
    ],
)
def test_plain_sql_keeps_sql(text: str) -> None:
    assert plain_sql(text) == text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("\\connect shop\nSELECT 1;\n", "             \nSELECT 1;\n"),
        ("SELECT 1 \\g\nSELECT 2;\n", "SELECT 1 ; \nSELECT 2;\n"),
        ("SELECT 1\\;SELECT 2;\n", "SELECT 1; SELECT 2;\n"),
        ("SELECT 1; \\echo 'it'' s\n", "SELECT 1;" + " " * 14 + "\n"),
        ("\ufeffSELECT 1;", " SELECT 1;"),
        ("COPY t FROM stdin;\na;\t'b\n\\.\nSELECT 1;", "                  \n     \n  \nSELECT 1;"),
        (
            "copy t from stdin;\r\nx\r\n\\.\r\nSELECT 1;",
            "                  \r\n \r\n  \r\nSELECT 1;",
        ),
        ("\\connect a\nCOPY t FROM stdin;\n1\n\\.\n", " " * 10 + "\n" + " " * 18 + "\n \n  \n"),
        ("SELECT 1;\nCOPY t (a) FROM stdin;\nno end", "SELECT 1;\n" + " " * 22 + "\n      "),
    ],
)
def test_plain_sql_blanks_meta_commands_and_copy_rows(text: str, plain: str) -> None:
    assert plain_sql(text) == plain


def test_line_and_column_count_characters_from_one() -> None:
    text = "é\nab\n"
    assert [line_and_column(text, offset) for offset in range(6)] == [
        (1, 1),
        (1, 2),
        (2, 1),
        (2, 2),
        (2, 3),
        (3, 1),
    ]


@pytest.mark.parametrize(
    ("ending", "text"),
    [
        (r"\s", "-- a\n  "),
        (r"--", "--\n--"),
        (r"a", "--aa"),
        (r"\n--a", "-- b\n--a"),
        (r"", "/* a */ b */"),
    ],
    ids=["whitespace", "comments", "characters of a comment", "last comment", "block comment"],
)
def test_pattern_of_blanks_never_backtracks(ending: str, text: str) -> None:
    # A pattern that gives characters back needs exponential time for lines of dashes.
    blank = source._BLANK.pattern
    assert re.match(blank, text)
    assert not re.fullmatch(blank + ending, text)


def test_plain_sql_reads_many_lines_of_dashes() -> None:
    text = "\n".join([*["-" * 500] * 200, "/* x */ SELECT '\\' FROM copy; \\q"])
    assert plain_sql(text) == text.removesuffix("\\q") + "  "
