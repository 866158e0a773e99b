-- The requests to cancel jobs of the table: whether the job runs, and does so on this worker.
SELECT
    {place} AS place,
    asked.job_id AS job,
    job.status IS NOT DISTINCT FROM 'job_status_running' AS runs,
    job.locked_by IS NOT DISTINCT FROM %(worker)s AS mine
FROM {job_cancellations} AS asked
LEFT JOIN {table} AS job ON job.id = asked.job_id
WHERE asked.job_table = {regclass}::REGCLASS
