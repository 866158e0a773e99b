-- Record jobs whose next transition the database refuses. `refused_at` stays that of the first time.
INSERT INTO {job_refusals} (job_table, job_id, wanted_status, reason)
SELECT {regclass}::REGCLASS, refused.id, refused.wanted_status::{job_status}, refused.reason
FROM UNNEST(%(ids)s::UUID[], %(wanted)s::TEXT[], %(reasons)s::TEXT[]) AS refused (id, wanted_status, reason)
ON CONFLICT (job_table, job_id)
DO UPDATE SET wanted_status = EXCLUDED.wanted_status, reason = EXCLUDED.reason
