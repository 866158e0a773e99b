-- Change a schedule of an operator. Returns whether it is one: those of the code stay as they are. No
-- row if there is no such schedule.
WITH known AS (
    SELECT job_table, name, source = 'operator' AS is_operators
    FROM {job_schedules}
    WHERE job_table = {regclass}::REGCLASS AND name = %(name)s
    FOR UPDATE
), changed AS (
    UPDATE {job_schedules} AS schedule
    SET expression = %(expression)s, timezone = %(timezone)s, values = %(values)s::JSONB,
        catch_up = %(catch_up)s, catch_up_limit = %(catch_up_limit)s
    FROM known
    WHERE schedule.job_table = known.job_table AND schedule.name = known.name AND known.is_operators
    RETURNING TRUE
)
SELECT EXISTS (SELECT FROM changed) FROM known
