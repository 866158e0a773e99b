-- The tables of this application. `jobgen job` appends the table of each new job;
-- `jobgen migrate` brings the database up to this file.
CREATE TABLE customers (
    id UUID DEFAULT uuidv7() PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE
);

CREATE TABLE email_customers_jobs (
    id UUID DEFAULT uuidv7() PRIMARY KEY NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,
    status JOB_STATUS DEFAULT 'job_status_not_started' NOT NULL,
    last_error TEXT DEFAULT NULL,
    attempts_count INT DEFAULT 0 NOT NULL,
    locked_at TIMESTAMP WITH TIME ZONE DEFAULT NULL,
    locked_by UUID DEFAULT NULL,
    run_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL
);
-- The next jobs that are due are claimed in the order of this index.
CREATE INDEX email_customers_jobs_claim ON email_customers_jobs (run_at, id) WHERE status IN ('job_status_not_started', 'job_status_retry');
-- What a dead worker held is found by this one; it holds the running jobs alone.
CREATE INDEX email_customers_jobs_running ON email_customers_jobs (locked_by) WHERE status = 'job_status_running';
-- The dashboard's failed jobs, newest first; "newest first" over all jobs reads the primary key.
CREATE INDEX email_customers_jobs_failed ON email_customers_jobs (id) WHERE status IN ('job_status_failed', 'job_status_timed_out');
-- Workers wake at once: one notification for each INSERT, however many rows it has.
CREATE TRIGGER email_customers_jobs_wake_on_insert AFTER INSERT ON email_customers_jobs FOR EACH STATEMENT EXECUTE FUNCTION wake_job_workers();
-- Claims and finishes, which most updates are, notify nobody.
CREATE TRIGGER email_customers_jobs_wake_on_update AFTER UPDATE ON email_customers_jobs FOR EACH ROW WHEN (NEW.status IN ('job_status_not_started', 'job_status_retry') AND (OLD.status NOT IN ('job_status_not_started', 'job_status_retry') OR NEW.run_at < OLD.run_at)) EXECUTE FUNCTION wake_job_workers();
