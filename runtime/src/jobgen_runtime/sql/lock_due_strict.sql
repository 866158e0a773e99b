-- Lock the row that claim_strict would take, and return its id.
WITH first AS MATERIALIZED (
    SELECT id
    FROM (
        {first_in_strict_order}
    ) AS row
    WHERE run_at <= NOW() AND locked_by IS NULL
        {not_refused}
        AND NOT EXISTS (SELECT FROM {job_pauses} WHERE job_table = {regclass}::REGCLASS)
)
SELECT id
FROM {table}
WHERE id = ANY (ARRAY(SELECT id FROM first))
    AND status IN ('job_status_not_started', 'job_status_retry')
    AND run_at <= NOW()
    AND locked_by IS NULL
FOR UPDATE SKIP LOCKED
