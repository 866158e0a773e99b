-- Return whether any of the tables has a schedule that is not paused.
SELECT EXISTS (
    SELECT FROM UNNEST(%(tables)s::TEXT[]) AS tables (listed)
    JOIN job_schedules ON job_table = pg_catalog.to_regclass(listed)
    WHERE paused_at IS NULL
)
