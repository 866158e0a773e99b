-- Pause a schedule, or resume it. Returns whether that changed anything; no row if there is no such schedule.
WITH known AS (
    SELECT job_table, name, paused_at IS NOT NULL AS is_paused
    FROM {job_schedules}
    WHERE job_table = {regclass}::REGCLASS AND name = %(name)s
), changed AS (
    UPDATE {job_schedules} AS schedule
    SET paused_at = CASE WHEN %(pause)s THEN NOW() END
    FROM known
    WHERE schedule.job_table = known.job_table AND schedule.name = known.name
        AND known.is_paused <> %(pause)s
    RETURNING TRUE
)
SELECT EXISTS (SELECT FROM changed) FROM known
