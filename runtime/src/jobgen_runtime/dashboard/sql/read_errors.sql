-- Return the errors of jobs, as much of each as says what went wrong.
SELECT id, {error}
FROM {table}
WHERE id = ANY (%(ids)s)
