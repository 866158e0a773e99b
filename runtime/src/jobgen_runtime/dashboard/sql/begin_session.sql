-- The database's clock, and settings of this transaction alone.
SELECT
    extract(epoch FROM pg_catalog.now())::float8,
    pg_catalog.set_config('statement_timeout', %(statement_timeout)s, true),
    pg_catalog.set_config('TimeZone', 'UTC', true)
