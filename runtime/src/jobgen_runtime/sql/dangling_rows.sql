-- Return the runtime's tables with rows about job tables that were dropped, and how many.
SELECT name AS table, COUNT(*)::INT AS rows
FROM (
    SELECT 'job_pauses' AS name, job_table FROM {job_pauses}
    UNION ALL
    SELECT 'job_cancellations', job_table FROM {job_cancellations}
    UNION ALL
    SELECT 'job_refusals', job_table FROM {job_refusals}
    UNION ALL
    SELECT 'job_schedules', job_table FROM {job_schedules}
) AS listed
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = job_table)
GROUP BY name
ORDER BY name
