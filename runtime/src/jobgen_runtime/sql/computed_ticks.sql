-- Return schedules of a table whose next tick a worker has computed, in the order of their names.
SELECT name, expression, timezone, next_at, NOW() AS now
FROM {job_schedules}
WHERE job_table = {regclass}::REGCLASS
    AND paused_at IS NULL
    AND next_at = computed_next_at
    AND next_at > NOW()
    AND pg_catalog.isfinite(next_at)
    AND name > %(after)s
ORDER BY name
LIMIT %(limit)s
