-- Lock the rows that claim would take, or the suspect that claim_alone would, and return their ids.
SELECT id
FROM {table}
WHERE status IN ('job_status_not_started', 'job_status_retry')
    AND run_at <= NOW()
    AND (locked_by IS NOT NULL) = %(suspect)s
    {not_refused}
    AND NOT EXISTS (SELECT FROM {job_pauses} WHERE job_table = {regclass}::REGCLASS)
ORDER BY run_at, id
LIMIT %(limit)s
FOR UPDATE SKIP LOCKED
