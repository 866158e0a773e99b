-- Count the jobs of each slice of time by how they ended, by how long they took and by how long they
-- waited for a worker after they were due. Rows are between `read_to` and `read_from` that were not read. Lengths of time are counted by class: class n has 1.1^n to
-- 1.1^(n+1) seconds.
SELECT
    slice,
    outcome,
    duration,
    wait,
    GROUPING(outcome, duration, wait) AS grouped,
    count(*) AS number,
    max(moment) FILTER (WHERE place <= %(most)s)::float8 AS read_to,
    min(moment) FILTER (WHERE place > %(most)s)::float8 AS read_from
FROM (
    SELECT
        slice,
        place,
        moment,
        CASE
            WHEN status = 'job_status_succeeded' THEN 'succeeded'
            WHEN status IN ('job_status_failed', 'job_status_timed_out') THEN 'failed'
            ELSE 'waiting'
        END AS outcome,
        CASE
            WHEN status IN ('job_status_succeeded', 'job_status_failed', 'job_status_timed_out')
                AND isfinite(locked_at) AND isfinite(updated_at)
            THEN floor(
                ln(greatest(extract(epoch FROM updated_at - locked_at), 0.001)::float8) / ln(1.1::float8)
            )::int
        END AS duration,
        CASE
            WHEN isfinite(locked_at) AND isfinite(run_at)
            THEN floor(
                ln(greatest(extract(epoch FROM locked_at - run_at), 0.001)::float8) / ln(1.1::float8)
            )::int
        END AS wait
    FROM ({sample}) AS sampled
) AS classified
GROUP BY GROUPING SETS ((slice, outcome), (slice, duration), (slice, wait))
