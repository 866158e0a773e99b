INSERT INTO pgboss.job (name, data, policy, state, started_on, completed_on)
SELECT 'noop', jsonb_build_object('number', number), 'standard', 'completed', now(), now()
FROM generate_series(1, %(jobs)s) AS number
