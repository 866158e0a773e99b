"""psql's meta-commands and COPY rows become spaces, files are included, nothing else changes."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobgen.schema.errors import SchemaError, line_and_column
from jobgen.schema.script.read import read_script
from jobgen.schema.script.script import ResultUse, Script

PATH = PurePosixPath("Application/Schema.sql")
PIECES = st.sampled_from(
    [
        *("\\echo shop\n", "\\restrict x", "\n", "\r\n", "'", "''", "E'\\''", '"', "$$", "$a$"),
        *("--", "/*", "*/", ";", "COPY t FROM stdin;\n", "1\t\\N\n", "\\.\n", "select 1", "é"),
        *("\\;", "\\g\n", "a::text", "a[1:2]", "SET standard_conforming_strings = off;"),
    ]
)


def plain_sql(text: str) -> str:
    return read_script(text, PATH).sql


def read_files(tmp_path: Path, **files: str) -> Script:
    """Write files into Application/ and read `main`."""
    folder = tmp_path / "Application"
    for name, text in files.items():
        path = folder / f"{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read_script(files["main"], PurePosixPath("Application/main.sql"), tmp_path)


@given(st.lists(PIECES).map("".join))
def test_reading_a_script_keeps_every_position_and_line(text: str) -> None:
    try:
        plain = plain_sql(text)
    except SchemaError:
        return
    assert len(plain) == len(text)
    for before, after in zip(text, plain, strict=True):
        assert after == before or after in " ;"
        assert (after == "\n") == (before == "\n")


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
        "COPY t FROM '/tmp/x';\n",
        'SELECT a[1:b], JSON_OBJECT(\'a\':c), d::"char", \'{"a":"b"}\' FROM t;\n',
    ],
)
def test_sql_is_kept_as_it_is(text: str) -> None:
    assert plain_sql(text) == text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("\\connect shop\nSELECT 1;\n", "             \nSELECT 1;\n"),
        ("SELECT 1 \\g\nSELECT 2;\n", "SELECT 1 ; \nSELECT 2;\n"),
        ("SELECT 1\\;SELECT 2;\n", "SELECT 1; SELECT 2;\n"),
        ("SELECT 1; \\echo 'it'' s\n", "SELECT 1;" + " " * 14 + "\n"),
        ("\\echo a \\\\ SELECT 1;\n", " " * 10 + " SELECT 1;\n"),
        ("\ufeffSELECT 1;", " SELECT 1;"),
        ("SELECT 1;\n\\q\nCREATE TABEL", "SELECT 1;\n  "),
        ("COPY t FROM stdin;\na;\t'b\n\\.\nSELECT 1;", "COPY t FROM stdin;\n     \n  \nSELECT 1;"),
        (
            "copy t from stdin;\r\nx\r\n\\.\r\nSELECT 1;",
            "copy t from stdin;\r\n \r\n  \r\nSELECT 1;",
        ),
        ("SELECT 1;\nCOPY t (a) FROM stdin;\nno end", "SELECT 1;\nCOPY t (a) FROM stdin;\n      "),
        ("\\set ON_ERROR_STOP on\nSELECT 1;", " " * 21 + "\nSELECT 1;"),
        ("\\encoding UTF8\n\\dt+\n\\pset pager off\n", f"{' ' * 14}\n    \n{' ' * 15}\n"),
    ],
)
def test_meta_commands_and_copy_rows_become_spaces(text: str, plain: str) -> None:
    assert plain_sql(text) == plain


@pytest.mark.parametrize(
    ("text", "line", "named"),
    [
        ("SELECT 1;\n\\if :x\nSELECT 2;\n\\endif\n", 2, ":x"),
        ("\\if true\nSELECT 2;\n", 3, "no \\endif"),
        ("SELECT 1;\n\\else\n", 2, "no \\if"),
        ("\\if 1\n\\else\n\\elif 1\n\\endif\n", 3, "no \\if"),
        ("\\set v `date`\n", 1, "\\set"),
        ("SELECT 'CREATE TABLE a ()';\n\\gexec\n", 2, "\\gexec"),
        ("\\gset\n", 1, "\\gset"),
        ("\n\n\\copy t FROM 'rows.csv'\n", 3, "\\copy"),
        ("\\! rm -rf /\n", 1, "\\!"),
        ("\\cd elsewhere\n", 1, "\\cd"),
        ("\\i :file\n", 1, "\\i"),
        ("\\i missing.sql\n", 1, "missing.sql cannot be read"),
        ("CREATE TABLE a \\i columns.sql\n", 1, "middle of a statement"),
        ("\\encoding LATIN1\n", 1, "\\encoding"),
        ("\\unheard of\n", 1, "\\unheard"),
        ("CREATE TABLE :name (id int);\n", 1, ":name"),
        ("\\set v 1\n\\unset v\nSELECT :'v';\n", 3, ":'v'"),
        ("\\connect a\nSELECT 1;\n\\connect b\n", 3, "second database"),
    ],
)
def test_meta_command_that_cannot_be_followed_is_named_with_its_line_and_a_hint(
    tmp_path: Path, text: str, line: int, named: str
) -> None:
    with pytest.raises(SchemaError) as caught:
        read_script(text, PATH, tmp_path)
    assert caught.value.line == line
    assert named in caught.value.reason
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        (
            "\\set t rooms\nCREATE TABLE :t (); SELECT :'t', :\"t\", f(:t), x::t;",
            ["CREATE TABLE rooms ()", "SELECT 'rooms', \"rooms\", f(rooms), x::t"],
        ),
        ("\\set t 'it''s' ' x'\nSELECT :'t';", ["SELECT 'it''s x'"]),
        ("\\set a x\n\\set b :a y\nSELECT :'b', a[1:n];", ["SELECT 'xy', a[1:n]"]),
        ("\\if :{?t}\n\\else\n\\set t new\n\\endif\nDROP TABLE :t;", ["DROP TABLE new"]),
        ("\\if false\nA;\n\\elif yes\nB;\n\\elif true\nC;\n\\else\nD;\n\\endif\nE;", ["B", "E"]),
        ("\\if 0\n\\if :x\nA;\n\\else\n\\i no\n\\endif\n\\gexec\n\\else\nB;\n\\endif", ["B"]),
        ("\\if on\nA;\n\\else\nB; :v 'a;\n'\n\\endif\nC;", ["A", "C"]),
        ("SELECT 1\n\\if true\n, 2\n\\else\n, 3\n\\endif\n, 4;", ["SELECT 1, 2, 4"]),
    ],
)
def test_variables_and_conditions_with_known_values_are_followed(
    tmp_path: Path, text: str, statements: list[str]
) -> None:
    script = read_script(text, PATH, tmp_path)
    read = [" ".join(statement.text.split()) for statement in script.statements()]
    assert [text.replace(" ,", ",") for text in read] == statements


def test_script_ends_where_only_a_query_determines_the_remaining_statements() -> None:
    text = (
        "SELECT 1 AS a \\gset x_\nDROP TABLE t:x_a; SELECT :'x_b';\nSELECT 2 AS a \\gset\nEND :a;"
    )
    first = read_script(text, PATH)
    assert [statement.text for statement in first.statements()] == ["SELECT 1 AS a"]
    assert first.resume is not None
    second = first.resume({"x_a": "7", "x_b": "it's", "x_c": None})
    statements = list(second.statements())
    assert [statement.text for statement in statements] == [
        *("SELECT 1 AS a", "DROP TABLE t7", "SELECT 'it''s'", "SELECT 2 AS a")
    ]
    assert [statement.result for statement in statements[::3]] == [
        *(ResultUse("gset", "x_"), ResultUse("gset"))
    ]
    assert second.resume is not None
    whole = second.resume({"a": "WORK"})
    assert whole.resume is None
    assert [statement.text for statement in whole.statements()][-1] == "END WORK"


def test_error_after_a_variable_has_its_line_and_column() -> None:
    script = read_script("\\set t a_very_long_name\nSELECT :t;\nSELECT :t, 2;\n", PATH)
    offset = script.sql.index("2")
    error = script.error(offset, "wrong")
    assert (error.line, error.column) == (3, 12)


def test_copy_statement_has_its_rows() -> None:
    text = "COPY t (a) FROM stdin;\n1\t;'\n\\N\n\\.\nCOPY u FROM stdin WITH (FORMAT csv);\n\\.\n"
    copies = list(read_script(text, PATH).statements())
    assert [copy.rows for copy in copies] == ["1\t;'\n\\N\n", ""]
    assert copies[1].text == "COPY u FROM stdin WITH (FORMAT csv)"


def test_included_files_are_read_in_place(tmp_path: Path) -> None:
    script = read_files(
        tmp_path,
        main="CREATE TABLE a ();\n\\ir tables/b.sql\nCREATE TABLE d ();",
        **{
            "tables/b": "\ufeffCREATE TABLE b ();\n\\i Application/tables/c.sql",
            "tables/c": "CREATE TABLE c () -- without a semicolon",
        },
    )
    statements = list(script.statements())
    assert [statement.words for statement in statements] == [
        f"create table {name}" for name in "abcd"
    ]
    assert [script.line(statement.offset) for statement in statements] == [
        (PurePosixPath("Application/main.sql"), 1),
        (PurePosixPath("Application/tables/b.sql"), 1),
        (PurePosixPath("Application/tables/c.sql"), 1),
        (PurePosixPath("Application/main.sql"), 3),
    ]
    assert [script.line_in_main(statement.offset) for statement in statements] == [1, 2, 2, 3]


def test_rows_of_an_included_file_are_kept(tmp_path: Path) -> None:
    script = read_files(
        tmp_path,
        main="\\ir rows.sql\nSELECT 1;",
        rows="CREATE TABLE t (a int);\nCOPY t FROM stdin;\n1\n\\.\n",
    )
    assert [statement.rows for statement in script.statements()] == [None, "1\n", None]


def test_quit_ends_only_the_included_file(tmp_path: Path) -> None:
    script = read_files(tmp_path, main="\\ir a.sql\nSELECT 2;", a="SELECT 1;\n\\q\nSELECT 3;")
    assert [statement.text for statement in script.statements()] == ["SELECT 1", "SELECT 2"]


def test_error_of_an_included_file_names_it(tmp_path: Path) -> None:
    with pytest.raises(SchemaError) as caught:
        read_files(tmp_path, main="\\ir a.sql\n", a="SELECT 1;\n  \\gexec\n")
    assert caught.value.message.startswith("Application/a.sql:2:3: ")


@pytest.mark.parametrize("path", ["main.sql", "../Application/x/../main.sql"])
def test_file_that_includes_itself_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(SchemaError, match="includes itself"):
        read_files(tmp_path, main=f"\\ir {path}\n")


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


def test_script_of_many_dashes_is_read() -> None:
    text = "\n".join([*["-" * 500] * 200, "/* x */ SELECT '\\' FROM copy; \\q"])
    assert plain_sql(text) == text.removesuffix("\\q") + "  "


def test_nul_character_is_refused_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "more.sql").write_text("SELECT 1;\n\0SELECT 2;")
    for text, place in (("SELECT 1;\n \0", f"{PATH}:2:2"), ("\\i more.sql", "more.sql:2:1")):
        with pytest.raises(SchemaError) as refused:
            read_script(text, PATH, tmp_path)
        assert refused.value.message.startswith(f"{place}: there is a NUL character")
