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
-- Workers claim due jobs in the order of this index.
CREATE INDEX email_customers_jobs_claim ON email_customers_jobs (run_at, id) WHERE status IN ('job_status_not_started', 'job_status_retry');
-- Finds the jobs of a dead worker. It has entries for running jobs only.
CREATE INDEX email_customers_jobs_running ON email_customers_jobs (locked_by) WHERE status = 'job_status_running';
-- The dashboard lists failed jobs by this index, newest first, and counts them. Lists of all jobs use the primary key.
CREATE INDEX email_customers_jobs_failed ON email_customers_jobs (id) INCLUDE (status) WHERE status IN ('job_status_failed', 'job_status_timed_out');
-- Wakes workers on INSERT, with one notification however many rows are inserted.
CREATE TRIGGER email_customers_jobs_wake_on_insert AFTER INSERT ON email_customers_jobs FOR EACH STATEMENT EXECUTE FUNCTION wake_job_workers();
-- Wakes workers when a job becomes due. Most updates are claims and completions, which do not notify.
CREATE TRIGGER email_customers_jobs_wake_on_update AFTER UPDATE ON email_customers_jobs FOR EACH ROW WHEN (NEW.status IN ('job_status_not_started', 'job_status_retry') AND (OLD.status NOT IN ('job_status_not_started', 'job_status_retry') OR NEW.run_at < OLD.run_at)) EXECUTE FUNCTION wake_job_workers();
