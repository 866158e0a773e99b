"""SQL identifiers are quoted as PostgreSQL itself quotes them."""

from __future__ import annotations

import psycopg

from jobgen.naming import quote_identifier


def test_quote_identifier_quotes_as_the_server_does(database: str) -> None:
    tried = ["bands", "Bands", "order", "user", "select", "first name", 'a"b', "größe", "a$b"]
    tried += ["1st", "name", "type", "value", "_x", "table", "json_table", "window", ""]
    with psycopg.connect(database) as conn:
        tried += [row[0] for row in conn.execute("SELECT word FROM pg_get_keywords()")]
        for name in filter(None, tried):
            row = conn.execute("SELECT quote_ident(%s)", (name,)).fetchone()
            assert row is not None
            assert quote_identifier(name) == row[0]
