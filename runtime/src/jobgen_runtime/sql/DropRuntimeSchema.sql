-- Reverses RuntimeSchema.sql, in current_schema(). It fails while a table of jobs exists, because the
-- table's column status is of the type job_status.

DROP TABLE job_schedules;

DROP TABLE job_attempts;

DROP TABLE job_refusals;

DROP TABLE job_cancellations;

DROP TABLE job_pauses;

DROP TABLE job_workers;

DROP FUNCTION job_schedule_changed();

DROP FUNCTION wake_job_workers();

DROP TYPE job_status;

-- An application may have had a function of this name before.
DO $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_catalog.pg_proc
        WHERE oid = pg_catalog.to_regprocedure(pg_catalog.quote_ident(current_schema()) || '.uuidv7()')
            AND pg_catalog.strpos(prosrc, 'jobgen.last_uuidv7') > 0
    ) THEN
        EXECUTE 'DROP FUNCTION ' || pg_catalog.quote_ident(current_schema()) || '.uuidv7()';
    END IF;
END
$$;

DROP TABLE job_runtime_schema;
