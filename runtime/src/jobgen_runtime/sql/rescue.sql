-- running -> retry, or failed after the last attempt or where cancellation was requested: rows whose
-- worker is not in job_workers.
-- The update is fenced by what the first part read: a row that was released and claimed by a new
-- worker in the meantime is left alone. A requeued row keeps locked_by, which marks it as a
-- suspect. Its last_error says how many workers in a row have died with it: see queue/suspects.py.
-- Locked rows are left to the next call, and refused ones to settle_refused.sql. Returns each row that
-- was tried, and each that was changed, with whether it has failed: a trigger may keep the old row.
WITH orphan AS MATERIALIZED (
    SELECT
        job.id,
        job.locked_by,
        job.locked_at,
        EXISTS (
            SELECT FROM {job_cancellations} AS request
            WHERE request.job_table = {regclass}::REGCLASS AND request.job_id = job.id
        ) AS cancelled
    FROM {table} AS job
    WHERE job.status = 'job_status_running'
        AND NOT EXISTS (SELECT FROM {job_workers} AS worker WHERE worker.id = job.locked_by)
        AND NOT EXISTS (
            SELECT FROM {job_refusals} AS refusal
            WHERE refusal.job_table = {regclass}::REGCLASS AND refusal.job_id = job.id
                AND refusal.wanted_status <> 'job_status_running' AND refusal.refused_at >= job.locked_at
        )
        AND (%(ids)s::UUID[] IS NULL OR job.id = ANY (%(ids)s::UUID[]))
        AND job.id <> ALL (%(skipped)s::UUID[])
    LIMIT %(limit)s
    FOR NO KEY UPDATE OF job SKIP LOCKED
), rescued AS (
    UPDATE {table} AS job
    SET status = CASE
            WHEN job.attempts_count < %(max_attempts)s AND NOT orphan.cancelled THEN 'job_status_retry'::{job_status}
            ELSE 'job_status_failed'::{job_status}
        END,
        last_error = CASE
            WHEN orphan.cancelled THEN %(cancelled)s
            ELSE (%(errors)s::TEXT[])[
                LEAST(
                    COALESCE(ARRAY_POSITION(%(errors)s::TEXT[], job.last_error), 0) + 1,
                    CARDINALITY(%(errors)s::TEXT[])
                )
            ]
        END,
        locked_by = CASE
            WHEN job.attempts_count < %(max_attempts)s AND NOT orphan.cancelled THEN job.locked_by
        END,
        locked_at = NULL,
        updated_at = NOW()
    FROM orphan
    WHERE job.id = orphan.id
        AND job.status IS NOT DISTINCT FROM 'job_status_running'
        AND job.locked_by IS NOT DISTINCT FROM orphan.locked_by
        AND job.locked_at IS NOT DISTINCT FROM orphan.locked_at
    RETURNING job.id, job.status{more_columns}
){more_parts}
SELECT orphan.id, FALSE AS is_changed, FALSE AS has_failed FROM orphan
UNION ALL
SELECT rescued.id, TRUE, rescued.status = 'job_status_failed' FROM rescued WHERE rescued.status <> 'job_status_running'
