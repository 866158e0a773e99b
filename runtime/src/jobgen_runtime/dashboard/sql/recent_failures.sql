-- Count the jobs that failed in the last hour among the `most` newest failed ones, and how many of those
-- there are.
SELECT count(*) FILTER (WHERE updated_at > now() - interval '1 hour'), count(*)
FROM (
    SELECT updated_at
    FROM {table}
    WHERE status IN ('job_status_failed', 'job_status_timed_out')
    ORDER BY id DESC
    LIMIT %(most)s
) AS newest
