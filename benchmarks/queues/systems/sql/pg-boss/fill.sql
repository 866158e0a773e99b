INSERT INTO pgboss.job (name, data, policy)
SELECT 'noop', jsonb_build_object('number', number), 'standard'
FROM generate_series(0, %(jobs)s - 1) AS number
