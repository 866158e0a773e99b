"""Which statements are sent at once, and what a refusal among them leaves."""

from __future__ import annotations

from pathlib import PurePosixPath

import psycopg
import pytest

from jobgen.schema.errors import SchemaError
from jobgen.schema.introspect.batches import batches
from jobgen.schema.introspect.run_schema import run_schema
from jobgen.schema.script.read import read_script

PATH = PurePosixPath("Application/Schema.sql")
SCHEMA = """
CREATE TABLE a (id int); -- a comment
CREATE INDEX ON a (id) -- and another
;
CREATE INDEX CONCURRENTLY ON a (id);
CREATE TABLE b AS SELECT 1;
SET standard_conforming_strings = off;
CREATE TABLE c (d text DEFAULT 'it\\'s; ');
COMMENT ON TABLE c IS 'a\\'; ';
COMMENT ON ROLE anybody IS 'x';
CREATE TYPE job_status AS ENUM ('job_status_not_started');
ALTER TABLE c OWNER TO anybody;
COPY a FROM stdin;
1
\\.
CREATE TABLE d ();
"""
REFUSED = "CREATE TABLE a (id int);\nCREATE TABLE b (id int);\nCREATE TABLE c (id missing);"


def test_only_definitions_without_other_effects_are_sent_together() -> None:
    found = batches(read_script(SCHEMA, PATH).statements(), on_scratch=True)
    assert [len(batch) for batch in found] == [2, 1, 1, 1, 2, 1, 1, 1, 1, 1]
    many = read_script("CREATE TABLE a ();" * 250, PATH).statements()
    assert [len(batch) for batch in batches(many, on_scratch=False)] == [100, 100, 50]


@pytest.mark.parametrize("is_nested", [False, True])
def test_refused_statement_of_a_batch_is_named_and_those_before_it_were_run(
    database: str, is_nested: bool
) -> None:
    with psycopg.connect(database, autocommit=not is_nested) as conn:
        conn.execute("CREATE TABLE before ()")
        with pytest.raises(SchemaError, match='type "missing" does not exist') as refused:
            run_schema(conn, read_script(REFUSED, PATH), on_scratch=False)
        assert refused.value.line == 3
        if is_nested:
            conn.rollback()
        names = conn.execute("SELECT relname FROM pg_class WHERE relname IN ('a', 'b', 'before')")
        assert len(names.fetchall()) == (0 if is_nested else 3)
