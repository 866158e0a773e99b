-- Try to become the session that deletes old jobs of this kind, and return the time in seconds since 1970.
-- Behind a pooler the session belongs to others afterwards, so it must not keep the lock: several workers
-- may delete jobs then, each those that the others have not locked.
SELECT
    CASE
        WHEN %(owns_session)s
        THEN pg_catalog.pg_try_advisory_lock(
            pg_catalog.hashtext('jobgen_retention'), {regclass}::REGCLASS::OID::INT
        )
        ELSE pg_catalog.pg_try_advisory_xact_lock(
            pg_catalog.hashtext('jobgen_retention'), {regclass}::REGCLASS::OID::INT
        )
    END AS is_locked,
    EXTRACT(EPOCH FROM NOW())::FLOAT8 AS now
