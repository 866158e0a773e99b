-- Hold the lock of a run of tests for as long as this session, unless another one holds it.
SELECT pg_catalog.pg_try_advisory_lock(%(class)s, %(run)s)
