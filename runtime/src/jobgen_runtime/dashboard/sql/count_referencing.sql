-- Count the other jobs that reference the same row, by status, among the first `limit` of them.
SELECT status::text, count(*)
FROM (SELECT status FROM {table} WHERE {column} = %(value)s AND id <> %(id)s LIMIT %(limit)s) AS job
GROUP BY status
ORDER BY status
