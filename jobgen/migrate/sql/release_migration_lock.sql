SELECT pg_advisory_unlock(hashtextextended('jobgen_migrate', 0))
