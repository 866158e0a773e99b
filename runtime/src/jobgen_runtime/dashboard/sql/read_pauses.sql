-- Return the paused kinds, and since when.
SELECT n.nspname::text, c.relname::text, extract(epoch FROM pause.paused_at)::float8
FROM job_pauses AS pause
JOIN pg_catalog.pg_class AS c ON c.oid = pause.job_table
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
