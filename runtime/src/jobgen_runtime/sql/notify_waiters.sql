-- A condition that is always true, evaluated once by a statement that has ended jobs: it notifies if
-- anything waits for the end of a job of this table, in any process.
-- NOTIFY makes concurrent commits wait for each other, so it is sent only then. What waits holds the
-- lock jobgen_awaited in shared mode: if this gets it in exclusive mode, nothing waits. Whoever gets
-- neither looks again soon, as for ends that do not notify. The CASE is one expression, so that
-- nothing interrupts it between the lock and the unlock.
CASE
    WHEN pg_catalog.pg_try_advisory_lock(
        pg_catalog.hashtext('jobgen_awaited'), {regclass}::REGCLASS::OID::INT
    )
    THEN pg_catalog.pg_advisory_unlock(
        pg_catalog.hashtext('jobgen_awaited'), {regclass}::REGCLASS::OID::INT
    )
    -- A full queue would make the commit fail.
    WHEN pg_catalog.pg_notification_queue_usage() < 0.9
    THEN pg_catalog.pg_notify('job_ends', {regclass}::REGCLASS::OID::TEXT) IS NOT NULL
    ELSE TRUE
END
