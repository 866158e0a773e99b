-- not_started, retry -> running: claim the first row in strict order, if it is due. Rows that wait
-- for a retry come first and hold back all others. So do a suspect, until claim_suspects has claimed
-- it, a row that another session has locked, and a refused one.
WITH due AS MATERIALIZED (
    {lock_due_strict}
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
        WHEN locked_by = %(worker)s AND status = 'job_status_running' AND locked_at IS NOT NULL THEN TRUE
        ELSE ('not claimed: ' || id)::BOOLEAN
    END
