-- Fails while there are tables of jobs, which use the type and the function.
DROP TABLE IF EXISTS job_schedules, job_attempts, job_refusals, job_cancellations, job_pauses, job_workers,
    job_runtime_schema;
DROP FUNCTION IF EXISTS job_schedule_changed();
DROP FUNCTION IF EXISTS wake_job_workers();
DROP TYPE IF EXISTS job_status;

-- Only the one that jobgen created: applications may have their own.
DO $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_catalog.pg_proc
        WHERE oid = pg_catalog.to_regprocedure(pg_catalog.quote_ident(current_schema()) || '.uuidv7()')
            AND prosrc LIKE '%jobgen.last_uuidv7%'
    ) THEN
        EXECUTE 'DROP FUNCTION ' || pg_catalog.quote_ident(current_schema()) || '.uuidv7()';
    END IF;
END
$$;
