-- Return the first and the last `most` rows of each slice of time, by an index on the column {key}, with
-- each row's place among them.
SELECT
    slice.number AS slice,
    row_number() OVER (PARTITION BY slice.number ORDER BY {moment}) AS place,
    {moment} AS moment,
    job.status,
    job.locked_at,
    job.updated_at,
    job.run_at
FROM unnest(%(starts)s::{type}[], %(ends)s::{type}[]) WITH ORDINALITY AS slice (first, beyond, number)
CROSS JOIN LATERAL (
    (
        SELECT id, created_at, status, locked_at, updated_at, run_at
        FROM {table}
        WHERE {key} >= slice.first AND {key} < slice.beyond
        ORDER BY {key}
        LIMIT %(most)s
    )
    UNION
    (
        SELECT id, created_at, status, locked_at, updated_at, run_at
        FROM {table}
        WHERE {key} >= slice.first AND {key} < slice.beyond
        ORDER BY {key} DESC
        LIMIT %(most)s
    )
) AS job
