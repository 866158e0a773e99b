-- Return which of the names belong to a schedule that is not the code's.
SELECT name FROM {job_schedules}
WHERE job_table = {regclass}::REGCLASS AND source <> 'code' AND name = ANY (%(names)s::TEXT[])
ORDER BY name
