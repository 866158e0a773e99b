-- Return a page of the newest rows. Their values are read once the page is known, so that sorting a
-- table does not read all that it stores.
WITH page AS MATERIALIZED (
    SELECT id, created_at
    FROM {table}
    WHERE {condition}
    ORDER BY created_at DESC, id DESC
    LIMIT %(limit)s OFFSET %(offset)s
)
SELECT {columns}
FROM {table} AS job
WHERE id IN (SELECT id FROM page)
ORDER BY created_at DESC, id DESC
