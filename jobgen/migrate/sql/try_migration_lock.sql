-- True once this session is the only one that migrates the database.
SELECT pg_try_advisory_lock(hashtextextended('jobgen_migrate', 0))
