-- Whether the table has a row whose worker is gone.
SELECT {place} AS place
WHERE EXISTS (
    SELECT FROM {table} AS job
    WHERE status = 'job_status_running'
        AND NOT EXISTS (SELECT FROM {job_workers} AS worker WHERE worker.id = job.locked_by)
)
