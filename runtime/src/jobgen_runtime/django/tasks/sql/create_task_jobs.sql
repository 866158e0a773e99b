CREATE TABLE django_task_jobs (
    id UUID DEFAULT uuidv7() PRIMARY KEY NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,
    status JOB_STATUS DEFAULT 'job_status_not_started' NOT NULL,
    last_error TEXT DEFAULT NULL,
    attempts_count INT DEFAULT 0 NOT NULL,
    locked_at TIMESTAMP WITH TIME ZONE DEFAULT NULL,
    locked_by UUID DEFAULT NULL,
    run_at TIMESTAMP WITH TIME ZONE DEFAULT NOW() NOT NULL,
    task TEXT NOT NULL,
    args JSONB DEFAULT '[]' NOT NULL CHECK (jsonb_typeof(args) = 'array'),
    kwargs JSONB DEFAULT '{}' NOT NULL CHECK (jsonb_typeof(kwargs) = 'object'),
    queue_name TEXT DEFAULT 'default' NOT NULL,
    backend TEXT DEFAULT 'default' NOT NULL,
    run_after TIMESTAMP WITH TIME ZONE DEFAULT NULL,
    priority SMALLINT DEFAULT 0 NOT NULL CHECK (priority BETWEEN -100 AND 100),
    started_at TIMESTAMP WITH TIME ZONE DEFAULT NULL,
    last_attempted_at TIMESTAMP WITH TIME ZONE DEFAULT NULL,
    worker_ids UUID[] DEFAULT '{}' NOT NULL,
    errors JSONB DEFAULT '[]' NOT NULL,
    result JSONB DEFAULT NULL,
    traceparent TEXT DEFAULT NULL
);
-- Workers claim due jobs in the order of this index.
CREATE INDEX django_task_jobs_claim ON django_task_jobs (run_at, id) WHERE status IN ('job_status_not_started', 'job_status_retry');
-- Workers claim jobs of a higher priority first, by this index.
CREATE INDEX django_task_jobs_priority ON django_task_jobs (priority DESC, run_at, id) WHERE status IN ('job_status_not_started', 'job_status_retry');
-- Finds the jobs of a dead worker. It has entries for running jobs only.
CREATE INDEX django_task_jobs_running ON django_task_jobs (locked_by) WHERE status = 'job_status_running';
-- The dashboard lists failed jobs by this index, newest first, and counts them. Lists of all jobs use the primary key.
CREATE INDEX django_task_jobs_failed ON django_task_jobs (id) INCLUDE (status) WHERE status IN ('job_status_failed', 'job_status_timed_out');
-- Wakes workers on INSERT, with one notification however many rows are inserted.
CREATE TRIGGER django_task_jobs_wake_on_insert AFTER INSERT ON django_task_jobs FOR EACH STATEMENT EXECUTE FUNCTION wake_job_workers();
-- Wakes workers when a job becomes due. Most updates are claims and completions, which do not notify.
CREATE TRIGGER django_task_jobs_wake_on_update AFTER UPDATE ON django_task_jobs FOR EACH ROW WHEN (NEW.status IN ('job_status_not_started', 'job_status_retry') AND (OLD.status NOT IN ('job_status_not_started', 'job_status_retry') OR NEW.run_at < OLD.run_at)) EXECUTE FUNCTION wake_job_workers();
-- Records each attempt in the statement that claims it, so that an attempt costs no statement more.
CREATE FUNCTION track_django_task_attempt() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    NEW.last_attempted_at := NEW.locked_at;
    NEW.result := NULL;
    IF NEW.attempts_count <= 1 THEN
        NEW.started_at := NEW.locked_at;
        NEW.worker_ids := ARRAY[NEW.locked_by];
        NEW.errors := '[]';
    ELSE
        NEW.worker_ids := NEW.worker_ids[1:NEW.attempts_count - 1] || NEW.locked_by;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER django_task_jobs_track_attempt BEFORE UPDATE ON django_task_jobs FOR EACH ROW WHEN (NEW.status = 'job_status_running' AND OLD.status <> 'job_status_running') EXECUTE FUNCTION track_django_task_attempt();
