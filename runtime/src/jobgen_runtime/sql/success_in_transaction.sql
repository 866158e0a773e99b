-- The job's success, and whether this is still the transaction that was opened for the job.
WITH succeeded AS (
    {success}
)
SELECT pg_catalog.current_setting('jobgen.transaction', TRUE) IS NOT DISTINCT FROM 'open'
FROM succeeded
