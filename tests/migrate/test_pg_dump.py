"""pg_dump looks for comments, which takes time, only in databases that have some."""

from __future__ import annotations

from jobgen.migrate.pg_dump import dump_schema
from jobgen.migrate.target import connected
from jobgen.postgres import project_binaries
from tests.migrate.databases import NOWHERE, Database


def test_comments_are_dumped_if_a_database_has_other_ones_than_a_new_one(target: Database) -> None:
    def comments() -> list[str]:
        with connected(target.url) as conn:
            entries = dump_schema(project_binaries(NOWHERE), target.url, conn)
        return [entry.text.strip() for entry in entries if entry.kind == "COMMENT"]

    target.execute("CREATE TABLE bands (id INT)")
    assert comments() == []
    for comment in (
        "COMMENT ON SCHEMA public IS 'ours';",
        "COMMENT ON SCHEMA public IS '';",
        "COMMENT ON TABLE public.bands IS 'standard public schema';",
        "COMMENT ON COLUMN public.bands.id IS 'ours';",
    ):
        target.execute(comment)
        assert comments() == [comment]
        target.execute(
            "COMMENT ON SCHEMA public IS 'standard public schema'",
            "COMMENT ON TABLE bands IS NULL",
            "COMMENT ON COLUMN bands.id IS NULL",
        )
    assert comments() == []
