-- Delete jobs that have ended for longer than they are kept. The rows are checked again once they are
-- locked: somebody may have started a job over. Locked rows are left to the next time.
WITH expired AS MATERIALIZED (
    SELECT id
    FROM {table}
    WHERE id = ANY (%(ids)s::UUID[]) AND {has_expired}
    FOR UPDATE SKIP LOCKED
), deleted AS (
    DELETE FROM {table} AS job
    WHERE job.id = ANY (ARRAY(SELECT id FROM expired))
    RETURNING job.id
){more_parts}
SELECT COUNT(*) FROM deleted
