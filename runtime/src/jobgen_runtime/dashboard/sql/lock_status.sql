-- Return a job's status, locked until the end of the transaction.
SELECT status::text
FROM {table}
WHERE id = %(id)s
FOR NO KEY UPDATE
