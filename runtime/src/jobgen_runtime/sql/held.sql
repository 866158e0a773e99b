-- How many rows the table says this worker holds, and when the last of them was claimed.
SELECT {place} AS place, COUNT(*) AS rows, MAX(locked_at)::TEXT AS latest
FROM {table}
WHERE status = 'job_status_running' AND locked_by = %(worker)s
