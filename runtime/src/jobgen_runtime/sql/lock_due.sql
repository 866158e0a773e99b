-- Lock the rows that claim would take, or the suspects that claim_suspects would, and return their
-- ids.
SELECT id
FROM {table}
WHERE status IN ('job_status_not_started', 'job_status_retry')
    AND run_at <= NOW()
    AND CASE
            WHEN locked_by IS NULL THEN 0
            ELSE COALESCE(ARRAY_POSITION(%(errors)s::TEXT[], last_error), 1)
        END = %(deaths)s
    {not_refused}
    AND NOT EXISTS (SELECT FROM {job_pauses} WHERE job_table = {regclass}::REGCLASS)
ORDER BY run_at, id
LIMIT %(limit)s
FOR UPDATE SKIP LOCKED
