-- Return the ids of the jobs that match among the first `scanned` rows of their source, and their places.
SELECT job.id, {cursor}
FROM (
    SELECT * FROM {table} AS job WHERE {source} {scan} LIMIT %(scanned)s
) AS job
WHERE {condition}
{order}
LIMIT %(limit)s
