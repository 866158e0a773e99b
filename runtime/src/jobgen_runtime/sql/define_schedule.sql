-- Write a schedule of the code. Its definition belongs to the worker that wrote it last, while that lives:
-- at its start, a worker replaces another definition, and later only that of a dead worker. So two
-- versions of the code do not overwrite each other for as long as both run. A schedule of the same name
-- that is not the code's stays. Returns TRUE if it is new, FALSE if it has changed, and no row otherwise.
INSERT INTO {job_schedules} AS known (
    job_table, name, expression, timezone, values, catch_up, catch_up_limit, source, defined_by
)
VALUES (
    {regclass}::REGCLASS, %(name)s, %(expression)s, %(timezone)s, %(values)s::JSONB, %(catch_up)s,
    %(catch_up_limit)s, 'code', %(worker)s
)
ON CONFLICT (job_table, name) DO UPDATE SET
    expression = EXCLUDED.expression,
    timezone = EXCLUDED.timezone,
    values = EXCLUDED.values,
    catch_up = EXCLUDED.catch_up,
    catch_up_limit = EXCLUDED.catch_up_limit,
    defined_by = EXCLUDED.defined_by
WHERE known.source = 'code' AND (
    NOT EXISTS (SELECT FROM {job_workers} WHERE id = known.defined_by AND expires_at > NOW())
    OR (
        %(is_start)s
        AND (known.expression, known.timezone, known.values, known.catch_up, known.catch_up_limit)
        IS DISTINCT FROM (
            EXCLUDED.expression, EXCLUDED.timezone, EXCLUDED.values, EXCLUDED.catch_up,
            EXCLUDED.catch_up_limit
        )
    )
)
RETURNING created_at = NOW()
