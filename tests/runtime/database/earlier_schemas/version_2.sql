-- The objects that jobgen's workers and dashboard need besides the job tables. They are created in
-- current_schema(). The script can be run again without changes, and by two sessions at once. Later
-- versions only add to it, so that old and new workers can run at the same time.

SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('jobgen_runtime_schema'));

CREATE TABLE IF NOT EXISTS job_runtime_schema (
    version INT NOT NULL,
    -- At most one row.
    singleton BOOLEAN DEFAULT TRUE PRIMARY KEY NOT NULL CHECK (singleton)
);

DO $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_catalog.pg_type
        WHERE typname = 'job_status' AND typnamespace = pg_catalog.quote_ident(current_schema())::pg_catalog.regnamespace
    ) THEN
        CREATE TYPE job_status AS ENUM (
            'job_status_not_started',
            'job_status_running',
            'job_status_failed',
            'job_status_timed_out',
            'job_status_succeeded',
            'job_status_retry'
        );
    END IF;
END
$$;

-- The running worker processes. Each renews its row well before it expires. A running job whose
-- locked_by is not in this table has lost its worker.
CREATE TABLE IF NOT EXISTS job_workers (
    id UUID PRIMARY KEY NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,
    heartbeat_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    host TEXT NOT NULL,
    pid INT NOT NULL,
    version TEXT NOT NULL,
    tables TEXT[] NOT NULL
);

-- The job tables that are paused: their jobs are not started.
CREATE TABLE IF NOT EXISTS job_pauses (
    job_table REGCLASS PRIMARY KEY NOT NULL,
    paused_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL
);

-- The requests to cancel running jobs. A request is kept until its job has ended or an operator
-- runs it again. The worker that has the job cancels it; a job that waits again by then is marked
-- as failed.
CREATE TABLE IF NOT EXISTS job_cancellations (
    job_table REGCLASS NOT NULL,
    job_id UUID NOT NULL,
    requested_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,
    PRIMARY KEY (job_table, job_id)
);

-- The jobs whose next transition the database refuses, as by a CHECK, a unique index or a trigger.
-- Workers leave them alone, and try again from time to time. A row is deleted once its transition
-- has succeeded, or something else has changed the job.
CREATE TABLE IF NOT EXISTS job_refusals (
    job_table REGCLASS NOT NULL,
    job_id UUID NOT NULL,
    -- The status that the job cannot get. It is running if the job cannot start; then the job still
    -- waits. Otherwise the attempt has ended, and the job is still running: perform must not be
    -- called again.
    wanted_status job_status NOT NULL,
    -- What the database said.
    reason TEXT NOT NULL,
    refused_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,
    PRIMARY KEY (job_table, job_id)
);

-- Workers LISTEN on the channel job_workers. The payload names the table that has due jobs, or is
-- 'cancel' for a request in job_cancellations.
-- NOTIFY makes concurrent commits wait for each other, so it is sent only if a worker sleeps. A
-- worker that relies on being woken holds the lock jobgen_attended in shared mode: if the trigger
-- gets it in exclusive mode, no worker sleeps. The lock jobgen_under_way, held until the end of the
-- transaction, shows that a change is in flight: a worker that is about to sleep polls again after
-- it. The CASE is one expression, so that nothing interrupts it between the lock and the unlock.
CREATE OR REPLACE FUNCTION wake_job_workers() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
    changed CONSTANT TEXT := TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME;
    key CONSTANT INT := pg_catalog.hashtext(changed);
BEGIN
    IF pg_catalog.pg_try_advisory_xact_lock_shared(pg_catalog.hashtext('jobgen_under_way'), key) THEN
        IF (CASE
            WHEN pg_catalog.pg_try_advisory_lock(pg_catalog.hashtext('jobgen_attended'), key)
            THEN pg_catalog.pg_advisory_unlock(pg_catalog.hashtext('jobgen_attended'), key)
            ELSE FALSE
        END) THEN
            RETURN NULL;
        END IF;
    END IF;
    -- A full queue would make the commit fail. Workers find the jobs with their next poll.
    IF pg_catalog.pg_notification_queue_usage() < 0.9 THEN
        PERFORM pg_catalog.pg_notify('job_workers', changed);
    END IF;
    RETURN NULL;
END
$$;

-- PostgreSQL 18 has a built-in uuidv7(). This one is for older servers: 48 bits of milliseconds, 12
-- bits of the fraction of a millisecond, then random bits (RFC 9562, method 3). Each value is
-- greater than the session's last one, whatever the clock does: rows of one INSERT sort in order.
DO $$
BEGIN
    IF pg_catalog.to_regprocedure('pg_catalog.uuidv7()') IS NULL
        AND pg_catalog.to_regprocedure(pg_catalog.quote_ident(current_schema()) || '.uuidv7()') IS NULL
    THEN
        CREATE FUNCTION uuidv7() RETURNS UUID LANGUAGE plpgsql VOLATILE AS $function$
        DECLARE
            last BIGINT := COALESCE(
                NULLIF(pg_catalog.current_setting('jobgen.last_uuidv7', TRUE), ''), '0'
            )::BIGINT;
            ticks BIGINT := GREATEST(
                (EXTRACT(EPOCH FROM pg_catalog.clock_timestamp()) * 4096000)::BIGINT, last + 1
            );
            bits BYTEA := pg_catalog.uuid_send(pg_catalog.gen_random_uuid());
        BEGIN
            PERFORM pg_catalog.set_config('jobgen.last_uuidv7', ticks::TEXT, FALSE);
            bits := pg_catalog.overlay(bits, pg_catalog.substring(pg_catalog.int8send(ticks >> 12), 3), 1);
            -- 28672 is the version, 7, in the four bits before the fraction.
            bits := pg_catalog.overlay(
                bits, pg_catalog.substring(pg_catalog.int8send(28672 | (ticks & 4095)), 7), 7
            );
            RETURN pg_catalog.encode(bits, 'hex')::UUID;
        END
        $function$;
    END IF;
END
$$;

INSERT INTO job_runtime_schema (version) VALUES (2)
ON CONFLICT (singleton) DO UPDATE SET version = EXCLUDED.version
WHERE job_runtime_schema.version < EXCLUDED.version;
