-- Return the table's name if it has a row whose worker is gone.
SELECT {table_name} AS table_name
WHERE EXISTS (
    SELECT FROM {table} AS job
    WHERE status = 'job_status_running'
        AND NOT EXISTS (SELECT FROM {job_workers} AS worker WHERE worker.id = job.locked_by)
)
