"""SQL of job tables, rendered from the template that users get, and the application's schema."""

from __future__ import annotations

from jobgen.job_block.context import block_context
from jobgen.naming import parse_job_name
from jobgen.render import load_template


def job_block(name: str, *columns: str) -> str:
    """Return what `jobgen job NAME` appends to Schema.sql: the table, its indexes and triggers.

    `columns` are SQL definitions that follow the nine columns of every job table.
    """
    (content,) = load_template("schema").render(block_context(parse_job_name(name), ())).values()
    nine, end, rest = content.decode().partition("\n);\n")
    assert end
    return ",\n    ".join([nine, *columns]) + end + rest


def job_columns() -> str:
    """Return the definitions of the nine columns of every job table, as lines of CREATE TABLE."""
    table, _, _ = job_block("Probe").partition("\n);\n")
    return table.partition("(\n")[2]


APP_SCHEMA = f"""
CREATE TYPE color AS ENUM ('red', 'sky, blue');
CREATE TABLE bands (
    id UUID DEFAULT uuidv7() PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    color COLOR,
    colors COLOR[] DEFAULT '{{}}' NOT NULL,
    class INT DEFAULT 7 NOT NULL,
    document JSONB,
    documents JSON[] DEFAULT '{{}}' NOT NULL,
    members TEXT[] DEFAULT '{{}}' NOT NULL
);
{job_block("Probe", "what TEXT DEFAULT 'return' NOT NULL", "moment TIMESTAMP WITH TIME ZONE")}

-- For the tests only: every change of a row, in order, as a notification.
CREATE FUNCTION notify_test() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('changes', json_build_array(NEW.id, NEW.status, NEW.attempts_count)::TEXT);
    RETURN NULL;
END
$$;
CREATE TRIGGER notify_test AFTER UPDATE ON probe_jobs
    FOR EACH ROW EXECUTE FUNCTION notify_test();
"""
"""The tables that tests/support/shop_types.py has the records of."""
