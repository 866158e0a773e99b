"""A file leaves the database that psql makes of it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import psycopg
import pytest
from jobgen_runtime.database import runtime_schema

from jobgen.postgres import project_binaries
from jobgen.schema.introspect.run_schema import run_schema
from jobgen.schema.script.read import read_script
from tests.support.tree import write_tree

RICH = Path(__file__).parents[1] / "rich.sql"
MAIN = r"""
\set ON_ERROR_STOP on
\echo 'loading'
SET client_min_messages = warning;
SET escape_string_warning = off;
SET standard_conforming_strings = off;
CREATE TABLE escaped (a text DEFAULT 'it\'s; \\');
SET standard_conforming_strings = on;
\ir parts/tables.sql
BEGIN;
SET LOCAL search_path = torture;
CREATE TABLE t (a int);
SAVEPOINT s;
CREATE TABLE undone ();
ROLLBACK TO SAVEPOINT s;
COMMIT;
CREATE TABLE outside (a int);
ALTER TABLE torture.parent DISABLE TRIGGER USER;
BEGIN; CREATE TABLE never (); ROLLBACK;
CREATE UNIQUE INDEX CONCURRENTLY parent_name ON torture.parent (name);
ALTER TABLE torture.parent REPLICA IDENTITY FULL, CLUSTER ON parent_name;
CREATE FUNCTION torture.between("end" date, begin date) RETURNS date
    RETURN "end" + (begin - "end");
CREATE FUNCTION torture.total() RETURNS bigint BEGIN ATOMIC
    SELECT sum(CASE WHEN name = ';' THEN 1 ELSE id END) AS amount FROM torture.parent;
END;
SELECT torture.make('made')\;SELECT torture.make('made too');
SELECT pg_catalog.setval('torture.parent_id_seq', 7, true) \g
DO $do$ BEGIN EXECUTE 'CREATE DOMAIN torture.d AS int CHECK (VALUE > 0)'; END $do$;
CREATE MATERIALIZED VIEW torture.m AS SELECT * FROM torture.parent WITH NO DATA;
\if :{?flavor}
\else
\set flavor 'it''s ' big
\endif
CREATE TABLE torture.:"flavor" (a text DEFAULT :'flavor');
SELECT 'stored' AS name, true AS holds, NULL AS nothing \gset found_
CREATE TABLE torture.:found_name ();
\if :found_holds
SELECT 'CREATE TABLE torture.' || n || ' (); COMMENT ON TABLE torture.' || n || ' IS ''it'';', NULL,
    'CREATE INDEX ON torture.parent (name)'
FROM (VALUES ('executed'), ('executed_2')) AS names (n) \gexec
\ir parts/stored.sql
\else
CREATE TABLE torture.never ();
\endif
SELECT 1 AS found_holds WHERE :{?found_nothing} \gexec
SET search_path = torture;
DISCARD ALL;
CREATE TABLE discarded ();
\if no
CREATE TABLE torture.never ();
\gexec
\endif
\q
CREATE TABEL never;
"""
TABLES = r"""
CREATE SCHEMA torture CREATE TABLE parent (id serial PRIMARY KEY, name text COLLATE "C");
COPY torture.parent (name) FROM stdin;
a;b
it's	"x"
\N
\.
""".replace("it's\t", "it's ")
FUNCTIONS = r"""
CREATE OR REPLACE FUNCTION torture.make(name text) RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
    EXECUTE format('CREATE TABLE torture.%I (id int GENERATED ALWAYS AS IDENTITY (START 5))', name);
END; $f$;
CREATE FUNCTION torture.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touched BEFORE UPDATE ON torture.parent FOR EACH ROW EXECUTE FUNCTION torture.touch()
"""
STORED = r"""
SELECT :'found_name' || '_again' AS name \gset
CREATE TABLE torture.:name (a text DEFAULT :'found_name');
"""


@pytest.mark.parametrize("in_transaction", [True, False])
@pytest.mark.parametrize("on_scratch", [True, False])
def test_dump_after_running_a_file_equals_that_after_psql(
    new_database: Callable[[], str], tmp_path: Path, in_transaction: bool, on_scratch: bool
) -> None:
    tables = f"{TABLES}\\ir functions.sql\n"
    files = {
        "main.sql": MAIN,
        "parts/tables.sql": tables,
        "parts/functions.sql": FUNCTIONS,
        "parts/stored.sql": STORED,
    }
    write_tree(tmp_path, {name: text.encode() for name, text in files.items()})
    by_psql, by_jobgen = new_database(), new_database()
    programs = project_binaries(Path.cwd())
    for url in (by_psql, by_jobgen):
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute(runtime_schema().encode())
    rich = RICH.read_text(encoding="utf-8")
    text = f"{rich}\nUPDATE bands SET at = '2026-01-01';\n{MAIN}"
    (tmp_path / "main.sql").write_text(text, encoding="utf-8")
    psql: list[str | Path] = [programs.program("psql"), "-X", "-d", by_psql, "-f", "main.sql"]
    loaded = subprocess.run(psql, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert loaded.returncode == 0, loaded.stderr
    script = read_script(text, PurePosixPath("main.sql"), tmp_path)
    with psycopg.connect(by_jobgen, autocommit=not in_transaction) as conn:
        notes = run_schema(conn, script, on_scratch=on_scratch)
    assert not notes.passed_over

    def dump(url: str) -> list[str]:
        command: list[str | Path] = [programs.program("pg_dump"), "-d", url]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return re.sub(r"(?m)^\\(un)?restrict .*$", "", done.stdout).splitlines()

    expected = dump(by_psql)
    assert any('"made too"' in line for line in expected)
    assert dump(by_jobgen) == expected
