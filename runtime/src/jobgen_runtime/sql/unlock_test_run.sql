-- Release the lock of a run of tests.
SELECT pg_catalog.pg_advisory_unlock(%(class)s, %(run)s)
