-- Return the values of a schedule's jobs.
SELECT schedule.values::TEXT
FROM {job_schedules} AS schedule
WHERE job_table = {regclass}::REGCLASS AND name = %(name)s
