-- The tables of this application. `jobgen job` appends the table of each new job;
-- `jobgen migrate` brings the database up to this file.

CREATE TABLE welcome_hero_jobs (
    id UUID DEFAULT uuidv7() PRIMARY KEY NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,
    status JOB_STATUS DEFAULT 'job_status_not_started' NOT NULL,
    last_error TEXT DEFAULT NULL,
    attempts_count INT DEFAULT 0 NOT NULL,
    locked_at TIMESTAMP WITH TIME ZONE DEFAULT NULL,
    locked_by UUID DEFAULT NULL,
    run_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,
    hero_id INT NOT NULL REFERENCES hero (id) ON DELETE CASCADE
);
-- Workers claim due jobs in the order of this index.
CREATE INDEX welcome_hero_jobs_claim ON welcome_hero_jobs (run_at, id) WHERE status IN ('job_status_not_started', 'job_status_retry');
-- Finds the jobs of a dead worker. It has entries for running jobs only.
CREATE INDEX welcome_hero_jobs_running ON welcome_hero_jobs (locked_by) WHERE status = 'job_status_running';
-- The dashboard lists failed jobs by this index, newest first, and counts them. Lists of all jobs use the primary key.
CREATE INDEX welcome_hero_jobs_failed ON welcome_hero_jobs (id) INCLUDE (status) WHERE status IN ('job_status_failed', 'job_status_timed_out');
-- Used by ON DELETE of hero to find the jobs.
CREATE INDEX welcome_hero_jobs_hero_id_index ON welcome_hero_jobs (hero_id);
-- Wakes workers on INSERT, with one notification however many rows are inserted.
CREATE TRIGGER welcome_hero_jobs_wake_on_insert AFTER INSERT ON welcome_hero_jobs FOR EACH STATEMENT EXECUTE FUNCTION wake_job_workers();
-- Wakes workers when a job becomes due. Most updates are claims and completions, which do not notify.
CREATE TRIGGER welcome_hero_jobs_wake_on_update AFTER UPDATE ON welcome_hero_jobs FOR EACH ROW WHEN (NEW.status IN ('job_status_not_started', 'job_status_retry') AND (OLD.status NOT IN ('job_status_not_started', 'job_status_retry') OR NEW.run_at < OLD.run_at)) EXECUTE FUNCTION wake_job_workers();
