"""Annotations are the types that psycopg returns for a column and that `create` accepts."""

from __future__ import annotations

import types
import typing
from contextlib import suppress
from enum import Enum
from typing import Any

import psycopg
import pytest
from jobgen_runtime import Record, Table
from psycopg.types.multirange import Multirange
from psycopg.types.range import Range

from jobgen.schema.builtin_types import BUILTIN_TYPES
from tests.types_file.rendering import Import

SAMPLES = {
    "aclitem": "postgres=r/postgres",
    "bit": "1",
    "bool": "t",
    "box": "(1,1),(0,0)",
    "bpchar": "a",
    "bytea": "\\x00ff",
    "char": "a",
    "cid": "1",
    "cidr": "10.0.0.0/8",
    "circle": "<(0,0),1>",
    "date": "2026-01-02",
    "datemultirange": "{[2026-01-01,2026-02-01)}",
    "daterange": "[2026-01-01,2026-02-01)",
    "float4": "1.5",
    "float8": "NaN",
    "inet": "10.0.0.1/8",
    "int2": "1",
    "int2vector": "1 2",
    "int4": "1",
    "int4multirange": "{[1,2),[5,9)}",
    "int4range": "[1,2)",
    "int8": "9007199254740993",
    "int8multirange": "{}",
    "int8range": "empty",
    "interval": "3 days 4 hours",
    "json": '{"a": [1, null]}',
    "jsonb": "[1]",
    "jsonpath": "$.a",
    "line": "{1,2,3}",
    "lseg": "[(0,0),(1,1)]",
    "macaddr": "08:00:2b:01:02:03",
    "macaddr8": "08:00:2b:01:02:03:04:05",
    "money": "1.50",
    "name": "a",
    "nummultirange": "{[1.5,2)}",
    "numeric": "1.50",
    "numrange": "[1.5,)",
    "oid": "1",
    "oidvector": "1 2",
    "path": "[(0,0),(1,1)]",
    "pg_lsn": "16/B374D848",
    "pg_snapshot": "10:20:10,14",
    "point": "(1,2)",
    "polygon": "((0,0),(1,1),(1,0))",
    "refcursor": "a",
    "regclass": "pg_class",
    "regcollation": '"C"',
    "regconfig": "english",
    "regdictionary": "simple",
    "regnamespace": "pg_catalog",
    "regoper": "||/",
    "regoperator": "+(int4,int4)",
    "regproc": "now",
    "regprocedure": "now()",
    "regrole": "pg_monitor",
    "regtype": "int4",
    "text": "é",
    "tid": "(0,1)",
    "time": "12:34:56",
    "timestamp": "2026-01-02 03:04:05",
    "timestamptz": "2026-01-02 03:04:05+00",
    "timetz": "12:34:56+02",
    "tsmultirange": "{[2026-01-01,2026-02-01)}",
    "tsquery": "a & b",
    "tsrange": "[2026-01-01,2026-02-01)",
    "tstzmultirange": "{[2026-01-01,2026-02-01)}",
    "tstzrange": "(,2026-02-01)",
    "tsvector": "a:1 b:2",
    "txid_snapshot": "10:20:10,14",
    "uuid": "018f0000-0000-7000-8000-000000000000",
    "varbit": "101",
    "varchar": "a",
    "xid": "1",
    "xid8": "1",
}
# A client cannot write a value of gtsvector, and the embedded server is built without xml.
NOT_STORED = {"gtsvector", "xml"}
REG_TYPES = [name for name in SAMPLES if name.startswith("reg")]
"""PostgreSQL compares these as numbers, so their names cannot be compared with them."""

USER_TYPES = """
CREATE TYPE color AS ENUM ('red', 'deep blue', 'a"b');
CREATE DOMAIN posint AS int CHECK (value > 0);
CREATE DOMAIN main_color AS color;
CREATE DOMAIN tags AS text[];
CREATE DOMAIN document AS jsonb;
CREATE TYPE pair AS (a int, b text);
CREATE TYPE floatrange AS RANGE (subtype = float8);
CREATE TABLE boxes (id int);
CREATE TABLE things (
    id serial PRIMARY KEY,
    color color NOT NULL,
    colors color[] NOT NULL,
    main main_color,
    mains main_color[],
    n posint,
    ns posint[],
    tags tags,
    document document,
    documents jsonb[],
    pair pair,
    pairs pair[],
    span floatrange,
    spans floatmultirange,
    grid int[][],
    box boxes,
    boxes boxes[],
    "class" text,
    "Weird Name" int,
    doubled int GENERATED ALWAYS AS (1 + 1) STORED,
    counted int GENERATED ALWAYS AS IDENTITY,
    date date,
    dates date[] NOT NULL DEFAULT '{2026-01-02}'
);
"""


def conforms(value: object, hint: Any) -> bool:
    """Return whether a value has the annotated type, elements and bounds included."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return any(conforms(value, argument) for argument in arguments)
    if origin is list:
        return isinstance(value, list) and all(conforms(item, arguments[0]) for item in value)
    if origin is Range:
        return isinstance(value, Range) and bounds_conform(value, arguments[0])
    if origin is Multirange:
        return isinstance(value, Multirange) and all(
            bounds_conform(item, arguments[0]) for item in value
        )
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return value is None if hint is type(None) else isinstance(value, hint)


def bounds_conform(value: Range[Any], hint: Any) -> bool:
    return all(bound is None or conforms(bound, hint) for bound in (value.lower, value.upper))


def test_every_builtin_type_has_a_sample() -> None:
    assert SAMPLES.keys() | NOT_STORED == BUILTIN_TYPES


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_values_of_builtin_types_and_arrays_have_the_annotated_type(
    conn: psycopg.Connection[Any], import_types: Import, name: str
) -> None:
    type_ = f'pg_catalog."{name}"'
    text = f"CREATE TABLE samples (one {type_} NOT NULL, many {type_}[] NOT NULL);"
    conn.execute(text.encode())
    escaped = SAMPLES[name].replace("\\", "\\\\").replace('"', '\\"')
    values = [SAMPLES[name], f'{{"{escaped}"}}']
    conn.execute("INSERT INTO samples VALUES (%s, %s)", values)
    record = import_types(text).Sample
    (row,) = record.fetch_all_sync("SELECT * FROM samples", conn=conn)
    hints = typing.get_type_hints(record)
    assert conforms(row.one, hints["one"]), (row.one, hints["one"])
    assert conforms(row.many, hints["many"]), (row.many, hints["many"])


def test_record_finds_its_row_by_a_key_of_any_type(conn: psycopg.Connection[Any]) -> None:
    found = []
    samples = [
        (f'pg_catalog."{name}"', value) for name, value in SAMPLES.items() if name not in REG_TYPES
    ]
    samples += [("real", "0.1"), ("real", "NaN"), ("varchar(3)", "a"), ("char(3)", "a")]
    for type_, value in samples:
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        for suffix, text in (("", value), ("[]", f'{{"{escaped}"}}')):
            columns = ("k",) if type_.strip('"').endswith(("json", "jsonb")) else ()
            table = Table(
                "keys",
                columns=("k", "t"),
                key=("k",),
                json=() if suffix else columns,
                json_arrays=columns if suffix else (),
            )
            record: Any = type("Key", (Record,), {"__table__": table})
            with conn.transaction(force_rollback=True), suppress(psycopg.errors.UndefinedObject):
                conn.execute(f"CREATE TABLE keys (k {type_}{suffix} PRIMARY KEY, t text)".encode())
                conn.execute("INSERT INTO keys VALUES (%s)", [text])
                (row,) = record.fetch_all_sync("SELECT * FROM keys", conn=conn)
                assert row._update_sync(conn, {"t": "x"}).refresh_sync(conn).t == "x", type_
                row.delete_sync(conn)
                found.append(f"{type_}{suffix}")
            if type_ not in found:
                break  # not comparable, and so no array of it is
    assert len(found) > 100, found


def test_values_of_user_types_round_trip_and_have_the_annotated_type(
    conn: psycopg.Connection[Any], import_types: Import
) -> None:
    module = import_types(USER_TYPES)
    thing, color = module.Thing, module.Color
    values = {
        "color": color.DEEP_BLUE,
        "colors": [color.RED, color.A_B],
        "main": color.RED,
        "mains": '{red,"deep blue"}',
        "n": 3,
        "ns": "{1,2}",
        "tags": ["a", "b,c"],
        "document": {"a": [1, None]},
        "documents": [{"a": 1}, [2]],
        "pair": '(1,"b c")',
        "pairs": '{"(1,b)"}',
        "span": "[1,2)",
        "spans": "{[1,2)}",
        "box": "(1)",
        "boxes": "{(1)}",
        "grid": [[1, 2], [3, 4]],
        "class_": "x",
        "Weird_Name": 7,
    }
    conn.execute(USER_TYPES.encode())
    created = thing.create_sync(conn, **values)
    again = thing.get_sync(created.id, conn=conn)
    (empty,) = thing.create_many_sync([{"color": color.RED, "colors": []}], conn=conn)
    assert created == again
    for name, value in values.items():
        assert getattr(again, name) == value
    hints = typing.get_type_hints(thing)
    for name, hint in hints.items():
        if not name.startswith("__"):
            assert conforms(getattr(again, name), hint), name
            assert conforms(getattr(empty, name), hint), name
    assert empty.update_sync(conn, **values) == thing.get_sync(empty.id, conn=conn)
    for name, value in values.items():
        assert getattr(empty, name) == value
    assert again.doubled == 2
    assert issubclass(color, Enum)


def test_values_require_exactly_what_create_cannot_omit(import_types: Import) -> None:
    module = import_types(
        """
        CREATE DOMAIN filled AS int NOT NULL DEFAULT 1;
        CREATE DOMAIN needed AS int NOT NULL;
        CREATE TABLE a (
            id serial, plain int NOT NULL, "null" int, given int NOT NULL DEFAULT 1,
            always int GENERATED ALWAYS AS IDENTITY, may int GENERATED BY DEFAULT AS IDENTITY,
            made int GENERATED ALWAYS AS (1) STORED, filled filled, needed needed,
            nothing int NOT NULL DEFAULT NULL, "from" text NOT NULL
        );
        """
    )
    values = module.A.Values
    required = {
        name
        for name, hint in typing.get_type_hints(values, include_extras=True).items()
        if typing.get_origin(hint) is typing.Required
    }
    assert required == {"plain", "needed", "nothing", "from_"}
    assert values.__annotations__.keys() - required == {"id", "null", "given", "may", "filled"}
