-- Insert jobs of schedules whose values are for the same columns; return their ids in the same order. Other
-- columns get their defaults. The time of the tick is the job's run_at: so the job knows it, and late
-- ones run in order.
INSERT INTO {table} (run_at{into})
SELECT COALESCE(tick.run_at, NOW()){given}
FROM UNNEST(%(run_at)s::TIMESTAMPTZ[], %(values)s::TEXT[])
    WITH ORDINALITY AS tick (run_at, job_values, position)
CROSS JOIN LATERAL
    pg_catalog.jsonb_populate_record(NULL::{table}, tick.job_values::JSONB) AS given
ORDER BY tick.position
RETURNING id
