-- Replace a computed tick, unless the schedule has changed meanwhile.
UPDATE {job_schedules}
SET next_at = %(next_at)s, computed_next_at = %(next_at)s
WHERE job_table = {regclass}::REGCLASS AND name = %(name)s AND next_at = %(old)s
