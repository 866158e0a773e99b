-- What a worker's session needs, whatever the server, the database, the role or the environment set.
-- A server that does not know a setting, as 16 does not know transaction_timeout, is left alone.
SELECT pg_catalog.set_config(name, value, FALSE)
FROM (
    VALUES
        ('DateStyle', 'ISO'),
        ('IntervalStyle', 'postgres'),
        ('default_transaction_isolation', 'read committed'),
        ('statement_timeout', '0'),
        ('transaction_timeout', '0'),
        ('idle_in_transaction_session_timeout', '0'),
        ('idle_session_timeout', '0')
) AS setting (name, value)
WHERE pg_catalog.current_setting(name, TRUE) IS NOT NULL
