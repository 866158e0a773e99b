-- Exact while the table holds fewer rows than `cap`; reads no more than that of a larger one.
SELECT status::text, count(*)
FROM (SELECT status FROM {table} LIMIT %(cap)s) capped
GROUP BY status
