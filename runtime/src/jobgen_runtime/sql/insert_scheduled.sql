-- Insert a schedule's job. Columns without a value get their defaults. The time of the tick is the job's
-- run_at: so the job knows it, and late ones run in order.
INSERT INTO {table} (run_at{into})
SELECT COALESCE(%(run_at)s::TIMESTAMPTZ, NOW()){given}
FROM pg_catalog.jsonb_populate_record(NULL::{table}, %(values)s::JSONB) AS given
RETURNING id
