-- Count jobs by status, reading at most `cap` rows: exact if the table has fewer.
SELECT status::text, count(*)
FROM (SELECT status FROM {table} LIMIT %(cap)s) capped
GROUP BY status
