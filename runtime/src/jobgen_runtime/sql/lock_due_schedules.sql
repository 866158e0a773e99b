-- Lock the table's first schedules that are due and that no other worker has locked, until their ticks are
-- done.
SELECT
    name,
    expression,
    timezone,
    schedule.values::TEXT AS values,
    catch_up,
    catch_up_limit,
    CASE WHEN next_at > '1970-01-01' THEN next_at END AS due_at,
    NOW() AS now
FROM {job_schedules} AS schedule
WHERE job_table = {regclass}::REGCLASS
    AND paused_at IS NULL
    AND COALESCE(next_at, '-infinity') <= NOW()
ORDER BY COALESCE(next_at, '-infinity')
LIMIT %(limit)s
FOR UPDATE SKIP LOCKED
