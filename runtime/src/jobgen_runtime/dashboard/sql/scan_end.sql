-- Return the last of the `scanned` rows that a page has read; none if there are fewer.
SELECT {cursor}, id
FROM {table} AS job
WHERE {source}
{scan}
LIMIT 1 OFFSET %(scanned)s - 1
