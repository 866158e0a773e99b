-- Add a schedule of an operator. No row means that there is one of that name.
INSERT INTO {job_schedules} (
    job_table, name, expression, timezone, values, catch_up, catch_up_limit
)
VALUES (
    {regclass}::REGCLASS, %(name)s, %(expression)s, %(timezone)s, %(values)s::JSONB, %(catch_up)s,
    %(catch_up_limit)s
)
ON CONFLICT (job_table, name) DO NOTHING
RETURNING TRUE
