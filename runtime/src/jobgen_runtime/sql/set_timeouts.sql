-- Local: for the rest of this transaction alone, as behind a pooler the session is another client's
-- after it.
SELECT
    pg_catalog.set_config('lock_timeout', '500ms', %(local)s),
    pg_catalog.set_config('statement_timeout', '5s', %(local)s)
