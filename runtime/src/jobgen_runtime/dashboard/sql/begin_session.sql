-- Return the database's time, and configure this transaction.
SELECT
    extract(epoch FROM pg_catalog.now())::float8,
    pg_catalog.set_config('statement_timeout', %(statement_timeout)s, true),
    pg_catalog.set_config('lock_timeout', %(lock_timeout)s, true),
    pg_catalog.set_config('TimeZone', 'UTC', true),
    pg_catalog.set_config('DateStyle', 'ISO, YMD', true),
    -- A standby refuses the value "off", although it is what it has.
    CASE WHEN %(read_only)s THEN pg_catalog.set_config('transaction_read_only', 'on', true) END
