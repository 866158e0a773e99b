-- Give up on a statement that is slow or waits for a lock: a page waits for the answer.
SELECT
    pg_catalog.set_config('statement_timeout', %(milliseconds)s, FALSE),
    pg_catalog.set_config('lock_timeout', %(milliseconds)s, FALSE)
