-- For the rest of this transaction alone: behind a pooler the session is another client's after it.
SELECT
    pg_catalog.set_config('lock_timeout', '2s', true),
    pg_catalog.set_config('statement_timeout', '5s', true)
