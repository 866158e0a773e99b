-- For the rest of this transaction, plan as the worker's sessions do (worker_session.sql): read the first
-- rows of an index, whatever the statistics say.
SELECT
    pg_catalog.set_config('enable_seqscan', 'off', TRUE),
    pg_catalog.set_config('enable_bitmapscan', 'off', TRUE),
    pg_catalog.set_config('enable_sort', 'off', TRUE),
    pg_catalog.set_config('jit', 'off', TRUE)
