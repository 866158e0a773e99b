-- waiting, ended -> running: claim one job by its id, whatever its run_at, also in a kind that is paused.
-- A running job, and one whose end the database refuses, stay as they are: no row.
WITH target AS MATERIALIZED (
    {lock_job}
), claimed AS (
    UPDATE {table} AS job
    SET status = 'job_status_running',
        attempts_count = attempts_count + 1,
        locked_by = %(worker)s,
        locked_at = NOW(),
        updated_at = NOW()
    WHERE id = ANY (ARRAY(SELECT id FROM target WHERE state IN ('waiting', 'ended')))
    RETURNING {columns}
), dropped AS (
    -- A request to cancel was meant for an earlier attempt.
    DELETE FROM {job_cancellations}
    WHERE job_table = {regclass}::REGCLASS AND job_id IN (SELECT id FROM claimed)
)
SELECT {claimed_columns}
FROM claimed
WHERE CASE
        WHEN locked_by = %(worker)s AND status = 'job_status_running' AND locked_at IS NOT NULL THEN TRUE
        ELSE ('not claimed: ' || id)::BOOLEAN
    END
