-- How many rows the table says this worker holds.
SELECT {place} AS place, COUNT(*) AS rows
FROM {table}
WHERE status = 'job_status_running' AND locked_by = %(worker)s
