-- Return a page of the rows that match, among the first `scanned` rows of their source. The values of
-- a page are read once its rows are known, so that neither sorting nor skipping reads what is large.
WITH page AS MATERIALIZED (
    SELECT id
    FROM (
        SELECT * FROM {table} AS job WHERE {source} {scan} LIMIT %(scanned)s
    ) AS job
    WHERE {condition}
    {order}
    LIMIT %(limit)s OFFSET %(offset)s
)
SELECT {columns}
FROM {table} AS job
WHERE id = ANY (ARRAY(SELECT id FROM page))
{order}
