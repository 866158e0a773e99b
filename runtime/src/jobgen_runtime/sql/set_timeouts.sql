-- `local`: for the rest of this transaction only. Behind a pooler the session belongs to another
-- client afterwards.
SELECT
    pg_catalog.set_config('lock_timeout', %(lock_timeout)s, %(local)s),
    pg_catalog.set_config('statement_timeout', %(statement_timeout)s, %(local)s)
