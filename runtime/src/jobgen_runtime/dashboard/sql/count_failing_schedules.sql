-- Count the schedules of the tables, by their quoted names, that insert no jobs though they are not
-- paused: the database refused the last job, or the tick has been due for a minute.
SELECT count(*)
FROM job_schedules
WHERE paused_at IS NULL
    AND (last_error IS NOT NULL OR next_at < NOW() - %(late)s * INTERVAL '1 second')
    AND job_table = ANY (
        SELECT pg_catalog.to_regclass(name) FROM unnest(%(names)s::text[]) AS listed (name)
    )
