-- Return the jobs of a table that will retry after an error, those due last first, by the partial index of waiting
-- jobs. No more than %(scanned)s of its rows are read; the last of those, whatever it is, is marked. One part for
-- each table makes one statement.
SELECT
    {number},
    CASE WHEN is_retrying THEN id END,
    CASE WHEN is_retrying THEN extract(epoch FROM updated_at)::float8 END,
    place = %(scanned)s
FROM (
    SELECT
        id,
        updated_at,
        status = 'job_status_retry' AND last_error IS NOT NULL AS is_retrying,
        row_number() OVER () AS place
    FROM (
        SELECT id, updated_at, status, last_error
        FROM {table}
        WHERE status IN ('job_status_not_started', 'job_status_retry')
        ORDER BY run_at DESC, id DESC
        LIMIT %(scanned)s
    ) AS waiting
) AS scanned_jobs
WHERE is_retrying OR place = %(scanned)s
LIMIT %(limit)s
