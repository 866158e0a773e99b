-- Move the ticks of a table's schedules back: see move_back_times.sql.
UPDATE {job_schedules}
SET
    next_at = next_at - %(by)s::INTERVAL,
    computed_next_at = computed_next_at - %(by)s::INTERVAL,
    last_at = last_at - %(by)s::INTERVAL
WHERE job_table = {regclass}::REGCLASS
