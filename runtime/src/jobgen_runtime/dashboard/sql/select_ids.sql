-- Return the ids of the jobs that match and were not changed after `until`, in the order of their list.
SELECT job.id, {cursor}
FROM (
    SELECT * FROM {table} AS job WHERE {source} {scan} LIMIT %(scanned)s
) AS job
WHERE {condition} AND updated_at <= to_timestamp(%(until)s)
{order}
LIMIT %(limit)s
