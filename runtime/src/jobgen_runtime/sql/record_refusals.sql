-- Record jobs whose next transition the database refuses. `refused_at` stays that of the first time, unless
-- that was of an earlier attempt. It is never older than the claim and the latest transition: so others
-- tell whether it still holds.
INSERT INTO {job_refusals} AS known (job_table, job_id, wanted_status, reason, refused_at)
SELECT
    {regclass}::REGCLASS,
    refused.id,
    refused.wanted_status::{job_status},
    refused.reason,
    GREATEST(NOW(), job.locked_at, job.updated_at)
FROM UNNEST(%(ids)s::UUID[], %(wanted)s::TEXT[], %(reasons)s::TEXT[]) AS refused (id, wanted_status, reason)
LEFT JOIN {table} AS job ON job.id = refused.id
ON CONFLICT (job_table, job_id)
DO UPDATE SET
    wanted_status = EXCLUDED.wanted_status,
    reason = EXCLUDED.reason,
    refused_at = CASE
        WHEN known.refused_at < (
            SELECT GREATEST(job.locked_at, job.updated_at) FROM {table} AS job WHERE job.id = known.job_id
        )
        THEN EXCLUDED.refused_at
        ELSE known.refused_at
    END
