-- Lock those of the jobs that no other transaction has locked, and return their statuses.
SELECT id, status::text
FROM {table}
WHERE id = ANY (%(ids)s::uuid[])
FOR UPDATE SKIP LOCKED
