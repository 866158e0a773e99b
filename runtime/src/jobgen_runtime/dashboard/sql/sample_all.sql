-- Return the rows of a small table, with the slice of time in which each was created.
SELECT
    width_bucket(extract(epoch FROM created_at)::float8, %(bounds)s::float8[]) AS slice,
    1 AS place,
    NULL AS moment,
    status,
    locked_at,
    updated_at,
    run_at
FROM (
    SELECT created_at, status, locked_at, updated_at, run_at FROM {table} LIMIT %(most)s
) AS job
