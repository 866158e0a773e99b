"""Columns on the command line become SQL; invalid ones are refused with a hint."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

import psycopg
import pytest
from jobgen_runtime.job_table.columns import JOB_COLUMNS

from jobgen.columns.arguments import parse_column, parse_columns
from jobgen.columns.types import TYPE_OF_WORD
from jobgen.errors import UsageError
from jobgen.schema.builtin_types import BUILTIN_TYPES
from jobgen.schema.model import Schema
from jobgen.schema.parse.reader import read_schema

TEXT = """
CREATE SCHEMA app;
CREATE TYPE color AS ENUM ('red', 'it''s');
CREATE TYPE "Mood" AS ENUM ('good');
CREATE TYPE app.state AS ENUM ('on');
CREATE DOMAIN email AS text;
CREATE TABLE bands (id uuid PRIMARY KEY);
CREATE TABLE people (id bigserial PRIMARY KEY);
CREATE TABLE staff ("Number" varchar(20) PRIMARY KEY);
CREATE TABLE categories (id smallint PRIMARY KEY);
CREATE TABLE "order" (id email PRIMARY KEY);
CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE keyless (a int);
CREATE TABLE app.users (id app.state PRIMARY KEY);
CREATE TABLE app.places (id int PRIMARY KEY);
CREATE SCHEMA old;
CREATE TABLE old.places (id int PRIMARY KEY);
CREATE DOMAIN required AS int NOT NULL;
CREATE DOMAIN counted AS int DEFAULT 5 NOT NULL;
CREATE DOMAIN code AS varchar(3);
CREATE TYPE span AS RANGE (subtype = numeric);
CREATE TYPE pair AS (number int, name text);
CREATE TABLE counts (id required PRIMARY KEY);
"""
SCHEMA = read_schema(TEXT, PurePosixPath("Schema.sql"))


def sql_of(argument: str, schema: Schema = SCHEMA) -> str:
    return parse_column(argument, schema).sql


@pytest.mark.parametrize(
    ("argument", "sql"),
    [
        ("pages:int", "pages INT NOT NULL"),
        ("pages:INTEGER", "pages INT NOT NULL"),
        ("n:bigint", "n BIGINT NOT NULL"),
        ("name:str", "name TEXT NOT NULL"),
        ("note:text?", "note TEXT DEFAULT NULL"),
        ("done:bool", "done BOOLEAN NOT NULL"),
        ("at:datetime", "at TIMESTAMP WITH TIME ZONE NOT NULL"),
        ("at:timestamptz(3)", "at TIMESTAMP(3) WITH TIME ZONE NOT NULL"),
        ("at:timestamp with time zone", "at TIMESTAMP WITH TIME ZONE NOT NULL"),
        ("at:timestamp(3) with time zone", "at TIMESTAMP(3) WITH TIME ZONE NOT NULL"),
        ("at:timestamp", "at TIMESTAMP NOT NULL"),
        ("day:date", "day DATE NOT NULL"),
        ("span:duration", "span INTERVAL NOT NULL"),
        ("amount:decimal(10,2)", "amount NUMERIC(10,2) NOT NULL"),
        ("amount:numeric( 10 , 2 )?", "amount NUMERIC(10,2) DEFAULT NULL"),
        ("ratio:float", "ratio DOUBLE PRECISION NOT NULL"),
        ("ratio:double precision", "ratio DOUBLE PRECISION NOT NULL"),
        ("data:json", "data JSON NOT NULL"),
        ("data:dict", "data JSONB NOT NULL"),
        ("blob:bytes", "blob BYTEA NOT NULL"),
        ("ip:inet", "ip INET NOT NULL"),
        ("code:varchar(20)[]", "code VARCHAR(20)[] NOT NULL"),
        ("tags:text[]?", "tags TEXT[] DEFAULT NULL"),
        ("grid:int[][3]", "grid INT[][] NOT NULL"),
        ("email:text:unique", "email TEXT NOT NULL UNIQUE"),
        ("email:text?:unique", "email TEXT DEFAULT NULL UNIQUE"),
        ("color:color", "color color NOT NULL"),
        ("color:public.color", "color color NOT NULL"),
        ("state:app.state[]?", "state app.state[] DEFAULT NULL"),
        ('mood:"Mood"', 'mood "Mood" NOT NULL'),
        ('letter:"char"', 'letter "char" NOT NULL'),
        ("letters:char(3)", "letters CHAR(3) NOT NULL"),
        ("letter:char", "letter CHAR(1) NOT NULL"),
        ("padded:bpchar", "padded BPCHAR NOT NULL"),
        ("ratio:float(24)", "ratio REAL NOT NULL"),
        ("ratio:float(25)", "ratio DOUBLE PRECISION NOT NULL"),
        ("span:interval day to second", "span INTERVAL DAY TO SECOND NOT NULL"),
        ("span:interval day to second(3)[]", "span INTERVAL DAY TO SECOND(3)[] NOT NULL"),
        ("ids:int array", "ids INT[] NOT NULL"),
        ("ids:int array[3]", "ids INT[] NOT NULL"),
        ("n:pg_catalog.int4", "n INT NOT NULL"),
        ("ids:_int4", "ids INT[] NOT NULL"),
        ("n:required?", "n required"),
        ("n:counted?", "n counted"),
        ("n:counted", "n counted NOT NULL"),
        ("n:counted?=7", "n counted DEFAULT 7"),
        (
            "count:references?",
            "count_id INT DEFAULT NULL REFERENCES counts (id) ON DELETE SET NULL",
        ),
        ("mood:Mood", 'mood "Mood" NOT NULL'),
        ("state:email?", "state email DEFAULT NULL"),
        ("order:int", '"order" INT NOT NULL'),
        ("from:text", '"from" TEXT NOT NULL'),
        ("class:text", "class TEXT NOT NULL"),
        ("pages:int=5", "pages INT DEFAULT 5 NOT NULL"),
        ("pages:int?=-5", "pages INT DEFAULT -5"),
        ("ratio:numeric=.5", "ratio NUMERIC DEFAULT .5 NOT NULL"),
        ("done:bool=no", "done BOOLEAN DEFAULT FALSE NOT NULL"),
        ("name:text=it's: a=b", "name TEXT DEFAULT 'it''s: a=b' NOT NULL"),
        ("name:text=", "name TEXT DEFAULT '' NOT NULL"),
        ("name:text='hello'", "name TEXT DEFAULT 'hello' NOT NULL"),
        ("name:text='it''s'", "name TEXT DEFAULT 'it''s' NOT NULL"),
        ("name:text='null'", "name TEXT DEFAULT 'null' NOT NULL"),
        ("name:text=one\ntwo", "name TEXT DEFAULT E'one\\ntwo' NOT NULL"),
        ("name:text={{ 7*7 }}", "name TEXT DEFAULT '{{ 7*7 }}' NOT NULL"),
        ("n:int='5'", "n INT DEFAULT 5 NOT NULL"),
        ("amount:numeric(4,1)=999.94", "amount NUMERIC(4,1) DEFAULT 999.94 NOT NULL"),
        ("amount:numeric=NaN", "amount NUMERIC DEFAULT 'NaN' NOT NULL"),
        ("price:money=12.5", "price MONEY DEFAULT 12.5 NOT NULL"),
        ("day:date=2020-02-29", "day DATE DEFAULT '2020-02-29' NOT NULL"),
        ("day:date=now", "day DATE DEFAULT CURRENT_DATE NOT NULL"),
        ("day:date=tomorrow", "day DATE DEFAULT CURRENT_DATE + 1 NOT NULL"),
        ("day:date=infinity", "day DATE DEFAULT 'infinity' NOT NULL"),
        (
            "at:timestamptz=2020-02-29 10:00 Europe/Berlin",
            "at TIMESTAMP WITH TIME ZONE DEFAULT '2020-02-29 10:00 Europe/Berlin' NOT NULL",
        ),
        ("span:interval=1 day 02:00", "span INTERVAL DEFAULT '1 day 02:00' NOT NULL"),
        ("ids:int[]={1,2}", "ids INT[] DEFAULT '{1,2}' NOT NULL"),
        ("pages:int4range=[1,5)", "pages INT4RANGE DEFAULT '[1,5)' NOT NULL"),
        ("ip:inet=10.0.0.1/8", "ip INET DEFAULT '10.0.0.1/8' NOT NULL"),
        ("two:pair=(1,a b)", "two pair DEFAULT '(1,a b)' NOT NULL"),
        ('two:pair[]={"(1,)"}', "two pair[] DEFAULT '{\"(1,)\"}' NOT NULL"),
        ("data:jsonb=null", "data JSONB DEFAULT 'null' NOT NULL"),
        ("dir:text=c:\\new", "dir TEXT DEFAULT E'c:\\\\new' NOT NULL"),
        ("at:datetime=now", "at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL"),
        ("color:color=it's", "color color DEFAULT 'it''s' NOT NULL"),
        ("tags:text[]={}", "tags TEXT[] DEFAULT '{}' NOT NULL"),
        ("band:references", "band_id UUID NOT NULL REFERENCES bands (id) ON DELETE CASCADE"),
        ("band_id:references", "band_id UUID NOT NULL REFERENCES bands (id) ON DELETE CASCADE"),
        (
            "category:references?",
            "category_id SMALLINT DEFAULT NULL REFERENCES categories (id) ON DELETE SET NULL",
        ),
        (
            "boss:references=people",
            "boss_id BIGINT NOT NULL REFERENCES people (id) ON DELETE CASCADE",
        ),
        (
            "staff:references:unique",
            'staff_id VARCHAR(20) NOT NULL UNIQUE REFERENCES staff ("Number") ON DELETE CASCADE',
        ),
        (
            "boss:references=people?:unique",
            "boss_id BIGINT DEFAULT NULL UNIQUE REFERENCES people (id) ON DELETE SET NULL",
        ),
        ("order:references", 'order_id email NOT NULL REFERENCES "order" (id) ON DELETE CASCADE'),
        (
            "user:references=app.users",
            "user_id app.state NOT NULL REFERENCES app.users (id) ON DELETE CASCADE",
        ),
    ],
)
def test_column_becomes_sql_that_the_server_accepts(
    conn: psycopg.Connection[Any], argument: str, sql: str
) -> None:
    assert sql_of(argument) == sql
    conn.execute(TEXT.encode())
    conn.execute(f"CREATE TABLE reports_jobs (id uuid PRIMARY KEY, {sql})".encode())


NOT_SQL = {
    *("binary", "blob", "bytes", "datetime", "dict", "double", "duration", "object", "str"),
    *("string", "timedelta"),
}
"""Type words of Python and of other generators."""


@pytest.mark.parametrize("word", sorted(TYPE_OF_WORD))
def test_column_of_a_type_word_has_its_type(conn: psycopg.Connection[Any], word: str) -> None:
    conn.execute(f"CREATE TABLE a (id int, {sql_of(f'value:{word}')})".encode())
    found = conn.execute(
        "SELECT typname FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid"
        " WHERE attrelid = 'a'::regclass AND attname = 'value'"
    ).fetchone()
    assert found == (TYPE_OF_WORD[word],)


@pytest.mark.parametrize("word", sorted(TYPE_OF_WORD.keys() - NOT_SQL))
def test_type_word_of_sql_has_its_meaning_in_sql(conn: psycopg.Connection[Any], word: str) -> None:
    as_sql = conn.execute(f"SELECT NULL::{word}".encode()).description
    assert as_sql is not None
    meant = conn.execute("SELECT typname FROM pg_type WHERE oid = %s", (as_sql[0].type_code,))
    assert meant.fetchone() == (TYPE_OF_WORD[word],)


def test_index_is_refused_for_types_that_have_no_order(conn: psycopg.Connection[Any]) -> None:
    for word in sorted(TYPE_OF_WORD):
        try:
            column = sql_of(f"value:{word}:unique")
        except UsageError:
            column = f"{sql_of(f'value:{word}')} UNIQUE"
            with pytest.raises(psycopg.errors.UndefinedObject), conn.transaction():
                conn.execute(f"CREATE TABLE a ({column})".encode())
        else:
            with conn.transaction(force_rollback=True):
                conn.execute(f"CREATE TABLE a ({column})".encode())


def test_every_scalar_type_of_the_server_has_a_word(conn: psycopg.Connection[Any]) -> None:
    rows = conn.execute(
        "SELECT typname FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace"
        " AND typtype IN ('b', 'r', 'm') AND typrelid = 0 AND typcategory NOT IN ('A', 'Z')"
    ).fetchall()
    internal = {"aclitem", "cid", "char", "gtsvector", "pg_node_tree"}
    assert {str(name) for (name,) in rows} - set(TYPE_OF_WORD.values()) <= internal
    assert {str(name) for (name,) in rows} - {"pg_node_tree"} <= BUILTIN_TYPES


@pytest.mark.parametrize(
    ("argument", "message", "hint"),
    [
        ("", "is not a valid column", "name:type"),
        ("name", "is not a valid column", "name:type"),
        ("name:", "is not a valid column", "name:type"),
        (":int", "is not a valid column name", "name:type"),
        ("name:int:unique:what", "'what' is not an option", ":unique and :index, and =VALUE"),
        ("name:int:unique?", "is not a valid column", "Did you mean `name:int?:unique`?"),
        ("name:text?[]", "is not a valid column", "Did you mean `name:text[]?`?"),
        ("n:numeric(10,2", "is not a valid column", "A parenthesis is not closed"),
        ("n:numeric(10,2?", "is not a valid column", "A parenthesis is not closed"),
        ("n:itn", "'itn' is not a known type", "Did you mean int?"),
        ("n:colr", "'colr' is not a known type", "Did you mean color?"),
        ("n:enum", "'enum' is not a known type", "CREATE TYPE color AS ENUM"),
        ("n:foreign_key", "'foreign_key' is not a known type", "Did you mean references?"),
        ("n:frobnicator", "'frobnicator' is not a known type", "Schema.sql by hand"),
        ("n:int(3)", "has no modifiers", "int without parentheses"),
        ("n:varchar(x)", "not a length", "varchar(100)"),
        ("n:varchar(0)", "not a length", "varchar(100)"),
        ("n:varchar(٣)", "not a length", "varchar(100)"),
        ("n:varchar(1,2)", "not a length", "varchar(100)"),
        ("n:numeric(3,-2)", "not a length", "numeric(10,2)"),
        ("n:timestamptz(7)", "not a length", "timestamptz(3)"),
        ("n:text(20)", "has no modifiers", "Did you mean varchar(20)?"),
        ("n:float(60)", "has no modifiers", "float without parentheses"),
        ("n:int[][][][][][][]", "at most 6 dimensions", "int[]"),
        ("n:state", "no type state", "Did you mean app.state?"),
        ("n:public.state", "no type public.state", "Did you mean app.state?"),
        ("n:mood", "no type mood", "Did you mean Mood?"),
        ("n:bands", "bands is a table", "write n:references=bands"),
        ("n:vector(3)", "the extension vector", "CREATE EXTENSION vector;"),
        ("n:hstroe", "the extension hstore", "CREATE EXTENSION hstore;"),
        ("n:serial", "creates a sequence", "Write int for"),
        ("n:record", "not a type for columns", "by hand"),
        ("n:list[str]", "is not a known type", "Did you mean str[]?"),
        ("n:Optional[int]", "is not a known type", "Write `n:int?`."),
        ("n:int | None", "is not a known type", "Write `n:int?`."),
        ("n:dict[str, int]", "is not a known type", "Did you mean jsonb?"),
        ("n:user", "'user' is not a known type", None),
        ("n:int b:text?", "more than one column", "Separate them: n:int b:text?"),
        ("n:int, b:text", "more than one column", "Separate them: n:int b:text"),
        ("a:bool=no, b:text[]", "more than one column", "Separate them: a:bool=no b:text[]"),
        ("n:int=1 b:int=2", "more than one column", "Separate them: n:int=1 b:int=2"),
        ("n:int; DROP TABLE bands", "is not a known type", None),
        ("n:int NOT NULL", "is not a known type", "NOT NULL unless"),
        ("n:pair=(x,y)", "'x' is not a whole number", None),
        ("n:pair=(1)", "not a row of 2 fields", "(…,…)"),
        ("n:int=null", "NULL is the default", "?"),
        ("n:int=1:index", "not a whole number", "Did you mean n:int:index=1?"),
        ("BandId:int", "is not a valid column name", "band_id"),
        ("a b:int", "is not a valid column name", "a_b"),
        ("2fa:int", "is not a valid column name", "name:type"),
        ("é:int", "is not a valid column name", "name:type"),
        ('a";--:int', "is not a valid column name", "Call it a."),
        ("🎉:int", "is not a valid column name", "name:type"),
        ("x" * 64 + ":int", "64 bytes", "shorter"),
        ("x" * 61 + ":references=bands", "64 bytes", "shorter"),
        ("xmin:int", "system column", "another name"),
        ("n:int=five", "not a whole number", None),
        ("n:bool=maybe", "not a boolean", "true or false"),
        ("color:color=blue", "not a value of the enum color", "red, it's"),
        ("zebra:references", "there is none in Schema.sql", "zebra:references=TABLE"),
        ("bandd:references", "there is none", "Did you mean bandd:references=bands?"),
        ("user:references", "does not say which", "Write user:references=app.users."),
        ("place:references", "does not say", "place:references=app.places or place:references=old"),
        ("x:references=places", "no table places", "x:references=app.places or x:references=old"),
        ("x:references=mail_jobs", "could be no first", "x:references=mail_jobs?"),
        ("x:references=band", "no table band", "x:references=bands"),
        ("pair:references", "key of several columns", "by hand"),
        ("keyless:references", "no primary key", "by hand"),
        ("band:references[]", "not an array", "name:type"),
    ],
)
def test_invalid_column_is_refused_with_a_hint(
    argument: str, message: str, hint: str | None
) -> None:
    with pytest.raises(UsageError) as caught:
        parse_column(argument, SCHEMA, own_table="mail_jobs")
    assert message in caught.value.message
    assert hint is None or hint in (caught.value.hint or "")


@pytest.mark.parametrize("name", JOB_COLUMNS)
def test_name_of_a_job_column_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="every job table already has"):
        parse_column(f"{name}:text", SCHEMA)


def test_length_of_more_digits_than_python_converts_is_refused() -> None:
    with pytest.raises(UsageError, match="is not a length"):
        parse_columns([f"n:varchar({'9' * 5000})"], SCHEMA)


def test_column_given_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="band_id is given twice"):
        parse_columns(["band:references", "band_id:uuid"], SCHEMA)


def test_references_and_index_options_give_an_index_unless_the_column_is_unique() -> None:
    arguments = ["band:references", "n:int", "a:int:index", "b:int:unique:index"]
    arguments += ["boss:references=people:unique"]
    columns = parse_columns(arguments, SCHEMA)
    assert [bool(column.index_reason) for column in columns] == [True, False, True, False, False]


def test_column_may_refer_to_the_table_that_gets_it_if_it_allows_null() -> None:
    column = parse_column("parent:references=mail_jobs?", SCHEMA, own_table="mail_jobs")
    assert "parent_id UUID DEFAULT NULL REFERENCES mail_jobs (id)" in column.sql


@pytest.mark.parametrize(
    "argument", ["a:vector(3)=[1,2]", "a:hstore=nope", "a:ltree=a..b", "a:vector=1,2"]
)
def test_default_of_a_well_known_extension_type_is_checked(argument: str) -> None:
    text = "CREATE EXTENSION vector; CREATE EXTENSION hstore; CREATE EXTENSION ltree;"
    with pytest.raises(UsageError, match="is not"):
        parse_column(argument, read_schema(text, PurePosixPath("Schema.sql")))


@pytest.mark.parametrize("argument", ["n:required?", "n:counted?"])
def test_nullable_column_of_a_type_that_rejects_null_has_a_warning(argument: str) -> None:
    assert "does not allow NULL" in (parse_column(argument, SCHEMA).warning or "")


@pytest.mark.parametrize(
    ("text", "argument", "sql"),
    [
        ("CREATE TABLE a (b chkpass);", "a:chkpass", "a chkpass NOT NULL"),
        ("CREATE EXTENSION hstore;", "a:hstore[]", "a hstore[] NOT NULL"),
        ("CREATE EXTENSION citext;", "a:citext:unique", "a citext NOT NULL UNIQUE"),
        (
            "CREATE EXTENSION vector;",
            "a:vector(3)=[1,2,3]",
            "a vector(3) DEFAULT '[1,2,3]' NOT NULL",
        ),
        (
            "CREATE EXTENSION postgis;",
            "a:geometry(Point,4326)",
            "a geometry(Point,4326) NOT NULL",
        ),
        (
            "CREATE SCHEMA ext; CREATE EXTENSION ltree SCHEMA ext;",
            "a:ext.ltree",
            "a ext.ltree NOT NULL",
        ),
        (
            "CREATE EXTENSION ltree SCHEMA ext; SET search_path = public, ext;",
            "a:ltree",
            "a ltree NOT NULL",
        ),
        (
            "CREATE TYPE mood AS ENUM ('a'); CREATE SCHEMA app; SET search_path = app;",
            "a:public.mood=a",
            "a public.mood DEFAULT 'a' NOT NULL",
        ),
    ],
)
def test_type_of_another_schema_or_extension_is_spelled_so_that_it_is_found(
    text: str, argument: str, sql: str
) -> None:
    assert sql_of(argument, read_schema(text, PurePosixPath("Schema.sql"))) == sql


@pytest.mark.parametrize(
    "argument",
    [
        *("a:ltree", "a:mood", "x:references=bandd", "bandd:references", "thing:references"),
        *("a:it", "a:text(9)", "a:int?[]", "a:int=1:unique", "a:int:index?", "a:my typ"),
        *("user:references", "a:App.Mood"),
    ],
)
def test_hint_that_asks_did_you_mean_is_accepted(argument: str) -> None:
    text = """
        CREATE SCHEMA app; CREATE SCHEMA ext; CREATE EXTENSION ltree SCHEMA ext;
        CREATE TYPE app."Mood" AS ENUM ('a'); CREATE TYPE "my type" AS ENUM ('a');
        CREATE TABLE app.bands (id int PRIMARY KEY); CREATE TABLE ext.users (id int PRIMARY KEY);
        CREATE TABLE app.things (id int PRIMARY KEY); CREATE TABLE ext.things (id int PRIMARY KEY);
    """
    schema = read_schema(text, PurePosixPath("Schema.sql"))
    with pytest.raises(UsageError) as caught:
        parse_column(argument, schema)
    name = argument.partition(":")[0]
    hint = re.fullmatch(r"(?:Did you mean|Write) (.+)[?.]", caught.value.hint or "")
    assert hint, caught.value.hint
    for suggestion in hint[1].strip("`").split(" or "):
        typed = suggestion if suggestion.startswith(f"{name}:") else f"{name}:{suggestion}"
        parse_column(typed, schema)
