-- Return the tables that have schedules, paused ones aside, with the seconds until the first one is due;
-- NULL: none is ever due.
SELECT listed.name, CASE
    WHEN pg_catalog.isfinite(first.next_at) THEN EXTRACT(EPOCH FROM first.next_at - NOW())::FLOAT8
    WHEN first.next_at = '-infinity' THEN 0
END, EXTRACT(EPOCH FROM NOW())::FLOAT8
FROM UNNEST(%(tables)s::TEXT[]) AS listed (name)
CROSS JOIN LATERAL (
    SELECT COALESCE(next_at, '-infinity') AS next_at
    FROM job_schedules
    WHERE job_table = pg_catalog.to_regclass(listed.name) AND paused_at IS NULL
    ORDER BY COALESCE(next_at, '-infinity')
    LIMIT 1
) AS first
