-- Plan and prepare the change of a job, as claims and completions write it, without executing it: the
-- database says if it refuses such statements whatever the row.
EXPLAIN WITH changed AS (
    UPDATE {table} AS job
    SET status = 'job_status_running',
        attempts_count = attempts_count + 1,
        last_error = NULL,
        locked_by = NULL,
        locked_at = NULL,
        run_at = NOW(),
        updated_at = NOW()
    WHERE id = '00000000-0000-0000-0000-000000000000'
    RETURNING id
)
SELECT FROM changed
