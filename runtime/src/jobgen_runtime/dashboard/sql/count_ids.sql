-- Count the jobs that match among the first `scanned` rows of their source.
SELECT count(*)
FROM (
    SELECT * FROM {table} AS job WHERE {source} {scan} LIMIT %(scanned)s
) AS job
WHERE {condition}
