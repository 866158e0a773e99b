-- not_started, retry -> running: takes what is due, oldest first.
-- Of a kind that is paused, nothing: that is asked once for each claim, before anything is read.
-- A waiting row that still names a worker was put back after that worker died. It may be what
-- killed it, so it is left for claim_alone.
-- What it has set to the same in all rows is not said in each: to write it and to read it again is
-- a good part of what a claim costs.
-- `after` is where a worker that has just claimed goes on: before it stand the entries of what was
-- claimed, which no scan can drop from the index while another session's snapshot is older.
WITH due AS MATERIALIZED (
    SELECT id
    FROM {table}
    WHERE status IN ('job_status_not_started', 'job_status_retry')
        AND run_at <= NOW()
        AND (run_at, id) > (%(after_run_at)s::TIMESTAMPTZ, %(after_id)s::UUID)
        AND locked_by IS NULL
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
SELECT {claimed_columns} FROM claimed ORDER BY run_at, id
