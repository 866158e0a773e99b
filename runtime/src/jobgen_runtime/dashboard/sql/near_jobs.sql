-- Return the jobs just before and after a job in the order of an index.
(
    SELECT 'previous', id, status::text, extract(epoch FROM created_at)::float8
    FROM {table}
    WHERE {column} < {place}
    ORDER BY {column} DESC
    LIMIT 1
)
UNION ALL
(
    SELECT 'next', id, status::text, extract(epoch FROM created_at)::float8
    FROM {table}
    WHERE {column} > {place}
    ORDER BY {column}
    LIMIT 1
)
