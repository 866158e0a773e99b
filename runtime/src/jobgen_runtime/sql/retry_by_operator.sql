-- Starts a job over: due now, every attempt unspent, owned by nobody, and not to be cancelled any more.
-- A running one stays as it is.
-- The state seen under the row's lock is returned; no row means that the job is gone.
WITH target AS MATERIALIZED (
    SELECT id, status FROM {table} WHERE id = %(id)s FOR UPDATE
), changed AS (
    UPDATE {table} AS job
    SET status = 'job_status_not_started',
        attempts_count = 0,
        locked_by = NULL,
        locked_at = NULL,
        run_at = NOW(),
        updated_at = NOW()
    FROM target
    WHERE job.id = target.id AND target.status <> 'job_status_running'
), dropped AS (
    DELETE FROM {job_cancellations}
    WHERE job_table = {regclass}::REGCLASS
        AND job_id IN (SELECT id FROM target WHERE status <> 'job_status_running')
)
SELECT status::TEXT FROM target
