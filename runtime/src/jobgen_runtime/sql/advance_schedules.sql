-- Set the next ticks of schedules, and record what became of these.
UPDATE {job_schedules} AS schedule
SET
    next_at = COALESCE(tick.next_at, 'infinity'),
    computed_next_at = COALESCE(tick.next_at, 'infinity'),
    last_at = COALESCE(tick.last_at, schedule.last_at),
    last_job_id = COALESCE(tick.last_job_id, schedule.last_job_id),
    last_error = tick.last_error
FROM UNNEST(
    %(names)s::TEXT[], %(next_at)s::TIMESTAMPTZ[], %(last_at)s::TIMESTAMPTZ[],
    %(last_job_id)s::UUID[], %(last_error)s::TEXT[]
) AS tick (name, next_at, last_at, last_job_id, last_error)
WHERE schedule.job_table = {regclass}::REGCLASS AND schedule.name = tick.name
