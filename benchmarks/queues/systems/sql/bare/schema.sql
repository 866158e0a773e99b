CREATE TYPE job_status AS ENUM (
    'job_status_not_started', 'job_status_running', 'job_status_failed',
    'job_status_timed_out', 'job_status_succeeded', 'job_status_retry'
);
CREATE TABLE noop_jobs (
    id UUID DEFAULT uuidv7() PRIMARY KEY NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,
    status JOB_STATUS DEFAULT 'job_status_not_started' NOT NULL,
    last_error TEXT DEFAULT NULL,
    attempts_count INT DEFAULT 0 NOT NULL,
    locked_at TIMESTAMP WITH TIME ZONE DEFAULT NULL,
    locked_by UUID DEFAULT NULL,
    run_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,
    number INT NOT NULL
);
CREATE INDEX noop_jobs_claim ON noop_jobs (run_at, id) WHERE status IN ('job_status_not_started', 'job_status_retry');
CREATE INDEX noop_jobs_running ON noop_jobs (locked_by) WHERE status = 'job_status_running';
CREATE INDEX noop_jobs_failed ON noop_jobs (id) INCLUDE (status) WHERE status IN ('job_status_failed', 'job_status_timed_out');
CREATE FUNCTION wake() RETURNS TRIGGER LANGUAGE plpgsql AS $$BEGIN NOTIFY bare; RETURN NULL; END$$;
CREATE TRIGGER noop_jobs_wake AFTER INSERT ON noop_jobs FOR EACH STATEMENT EXECUTE FUNCTION wake();
