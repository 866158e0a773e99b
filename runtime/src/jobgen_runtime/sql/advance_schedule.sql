-- Set a schedule's next tick, and record what became of this one.
UPDATE {job_schedules}
SET
    next_at = COALESCE(%(next_at)s::TIMESTAMPTZ, 'infinity'),
    computed_next_at = COALESCE(%(next_at)s::TIMESTAMPTZ, 'infinity'),
    last_at = COALESCE(%(last_at)s::TIMESTAMPTZ, last_at),
    last_job_id = COALESCE(%(last_job_id)s::UUID, last_job_id),
    last_error = %(last_error)s
WHERE job_table = {regclass}::REGCLASS AND name = %(name)s
