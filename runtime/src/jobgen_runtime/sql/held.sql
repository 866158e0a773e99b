-- How many rows the table says this worker holds, and when the last of them was claimed; and whether
-- jobs of the table are to be cancelled, on whichever worker.
SELECT
    {place} AS place,
    COUNT(*) AS rows,
    MAX(locked_at)::TEXT AS latest,
    EXISTS (SELECT FROM {job_cancellations} WHERE job_table = {regclass}::REGCLASS) AS cancellations
FROM {table}
WHERE status = 'job_status_running' AND locked_by = %(worker)s
