-- Return the host and the process id of workers.
SELECT id::text, host, pid
FROM {job_workers}
WHERE id = ANY (%(ids)s::uuid[])
