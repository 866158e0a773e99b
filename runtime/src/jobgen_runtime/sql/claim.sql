-- not_started, retry -> running: claim due rows, oldest first.
-- A paused kind yields nothing. The pause is checked once per claim, before any row is read.
-- A waiting row that still names a worker was requeued after that worker died. It may be what
-- killed the worker, so it is left to claim_suspects.
-- The columns that the claim sets alike in all rows are not returned with each row: writing and
-- parsing them again would be a good part of what a claim costs.
-- If a trigger kept a row from becoming this worker's, nothing is claimed: such a row may be running
-- now, without a worker. Nor is anything if the rows are larger than `max_bytes`, where they may be:
-- the worker would have them in memory. A cast fails then, and claim_ids takes what can be taken.
-- `after` is where a worker that has just claimed resumes. Before that position stand the index
-- entries of claimed rows, which no scan can remove while another session holds an older snapshot.
WITH due AS MATERIALIZED (
    SELECT id
    FROM {table}
    WHERE status IN ('job_status_not_started', 'job_status_retry')
        AND run_at <= NOW()
        AND (run_at, id) > (%(after_run_at)s::TIMESTAMPTZ, %(after_id)s::UUID)
        AND locked_by IS NULL
        {not_refused}
        AND NOT EXISTS (SELECT FROM {job_pauses} WHERE job_table = {regclass}::REGCLASS)
    ORDER BY run_at, id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE {table} AS job
    SET status = 'job_status_running',
        attempts_count = attempts_count + 1,
        locked_by = %(worker)s,
        locked_at = NOW(),
        updated_at = NOW()
    WHERE id = ANY (ARRAY(SELECT id FROM due))
    RETURNING {columns}
)
SELECT {claimed_columns}
FROM claimed
WHERE CASE
        WHEN {may_be_large} AND (SELECT SUM({value_bytes}) FROM claimed) > %(max_bytes)s
        THEN ('too large: ' || id)::BOOLEAN
        WHEN locked_by = %(worker)s AND status = 'job_status_running' AND locked_at IS NOT NULL THEN TRUE
        ELSE ('not claimed: ' || id)::BOOLEAN
    END
ORDER BY run_at, id
