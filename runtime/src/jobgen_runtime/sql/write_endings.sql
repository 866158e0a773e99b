-- Write what belongs to the ends of attempts that were written just before, in the same transaction.
-- `ids` are those of the rows that were changed.
WITH ended_job AS (
    SELECT job.id, job.status, job.last_error
    FROM {table} AS job
    WHERE job.id = ANY (%(ids)s::UUID[])
){more_parts}
SELECT FROM ended_job LIMIT 0
