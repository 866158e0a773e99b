-- The end of each completion: return NULL if it has changed all of `ids`, or the ids of those that it
-- has changed. To return the ids every time would cost the server and the worker more than NULL.
-- A trigger may keep the old row; such a row is not among them.
SELECT CASE WHEN COUNT(*) < CARDINALITY(%(ids)s::UUID[]) THEN ARRAY(
        SELECT id FROM ended_job WHERE status <> 'job_status_running'
    ) END
FROM ended_job
WHERE status <> 'job_status_running'
