"""Statements end where psql ends them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jobgen.postgres import project_binaries
from jobgen.schema.errors import SchemaError
from jobgen.schema.script.read import read_script

PATH = PurePosixPath("Schema.sql")
PIECES = st.sampled_from(
    [
        *("select 1", "(", ")", ";", ";", ";", "\n", " begin ", " end ", " case ", "[1:2]"),
        *("create function f() returns int begin atomic ", "create or replace procedure p(", "é "),
        *("'it''s;'", "E'\\';'", '"a;b"', "$$;$$", "$t$;$$;$t$", "/* ; /* ; */ */", "-- ;'\n"),
        *("a::text", "1e5 ", "u&'\\0041;'", " as x", "$1 ", "a$b$ "),
    ]
)

_QUERY = re.compile(r"^/?\*+ QUERY \*+/?\n(.*?)\n/?\*+/?\n$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("psql")


def _without_blanks(sql: str) -> str:
    """Return a statement without what psql and jobgen treat differently at its edges."""
    for comment in ("/* ; /* ; */ */", "-- ;'"):
        sql = sql.replace(comment, "")
    return re.sub(r"\s", "", sql).removesuffix(";")


def texts(sql: str) -> list[str]:
    return [statement.text for statement in read_script(sql, PATH).statements()]


@pytest.mark.parametrize(
    "routine",
    [
        "CREATE FUNCTION f(begin date, \"end\" date) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION f() RETURNS TABLE (begin date) LANGUAGE sql AS 'SELECT now()'",
        "CREATE FUNCTION begin() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION f() RETURNS begin LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT begin, t.end AS case FROM t; END",
        "CREATE OR REPLACE PROCEDURE f() BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; END",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 AS end; SELECT (CASE a END); END",
        'CREATE TABLE begin (begin int, "end" int)',
    ],
)
def test_routine_with_a_name_that_is_a_keyword_of_bodies_ends_at_its_semicolon(
    routine: str,
) -> None:
    assert texts(f"{routine};\nCREATE ROLE next;") == [routine, "CREATE ROLE next"]


def test_backslashes_escape_while_standard_conforming_strings_are_off() -> None:
    sql = r"SET standard_conforming_strings = off; SELECT 'a\'; b';"
    sql += r"SET standard_conforming_strings TO 'on'; SELECT 'a\'; SELECT 'b;';"
    assert texts(sql)[1::2] == [r"SELECT 'a\'; b'", r"SELECT 'a\'"]
    assert texts(sql)[-1] == "SELECT 'b;'"


def test_words_leave_out_what_is_quoted_or_in_parentheses() -> None:
    (statement,) = read_script('GRANT SELECT (a, b) /* c */ ON "T" TO x', PATH).statements()
    assert statement.words == "grant select on to x"


@example(sql="select 1$$;$$")
@example(sql="select 1e5$$;$$, $1$$;$$, a$b$;c$b$")
@given(sql=st.lists(PIECES, max_size=12).map("".join))
@settings(max_examples=60)
def test_statements_are_those_that_psql_sends(server_url: str, folder: Path, sql: str) -> None:
    # Unlike psql, a routine's BEGIN without ATOMIC is not taken for the start of a body.
    if re.search(r"\bbegin\b(?! atomic)", sql):
        return
    try:
        statements = texts(sql)
    except SchemaError:
        return
    psql = project_binaries(Path.cwd()).program("psql")
    log = folder / "log"
    log.unlink(missing_ok=True)
    subprocess.run(
        [psql, "-X", "-d", server_url, "--log-file", log],
        input=sql.encode(),
        capture_output=True,
        check=False,
    )
    sent = _QUERY.findall(log.read_text(encoding="utf-8")) if log.exists() else []
    expected = [query for query in map(_without_blanks, sent) if query]
    assert [_without_blanks(text) for text in statements] == expected


def test_block_comment_without_an_end_is_left_for_the_server_to_refuse() -> None:
    assert texts("SELECT 1; /* a /* b */ ; SELECT 2;") == ["SELECT 1", "/* a /* b */ ; SELECT 2;"]
    assert texts("SELECT 1 /* a; SELECT 2;") == ["SELECT 1 /* a; SELECT 2;"]
