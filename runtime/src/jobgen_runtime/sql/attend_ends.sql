-- Make the statements that end jobs of this table notify, for as long as the session lasts or until
-- stop_attending_ends: see notify_waiters.sql. Returns the table's number, with which they notify,
-- unless one of them holds the lock at this moment.
SELECT {regclass}::REGCLASS::OID::TEXT
WHERE pg_catalog.pg_try_advisory_lock_shared(
    pg_catalog.hashtext('jobgen_awaited'), {regclass}::REGCLASS::OID::INT
)
