-- Delete a schedule, unless a live worker has it in its code: it would come back. Returns whether it was
-- deleted; no row if there is no such schedule.
WITH known AS (
    SELECT job_table, name, source = 'code' AND EXISTS (
        SELECT FROM {job_workers} WHERE id = defined_by AND expires_at > NOW()
    ) AS is_defined
    FROM {job_schedules}
    WHERE job_table = {regclass}::REGCLASS AND name = %(name)s
), removed AS (
    DELETE FROM {job_schedules} AS schedule
    USING known
    WHERE schedule.job_table = known.job_table AND schedule.name = known.name
        AND NOT known.is_defined
    RETURNING TRUE
)
SELECT EXISTS (SELECT FROM removed) FROM known
