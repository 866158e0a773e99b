-- Return the requests to cancel jobs of the table: whether the job runs, and whether on this worker.
SELECT
    {table_name} AS table_name,
    request.job_id AS job,
    job.status IS NOT DISTINCT FROM 'job_status_running' AS is_running,
    job.locked_by IS NOT DISTINCT FROM %(worker)s AS is_mine
FROM {job_cancellations} AS request
LEFT JOIN {table} AS job ON job.id = request.job_id
WHERE request.job_table = {regclass}::REGCLASS
