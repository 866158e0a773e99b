-- Whether a row has ended for longer than it is kept. NULL keeps the rows of that status forever.
COALESCE(
    CASE
        WHEN status = 'job_status_succeeded' THEN updated_at < NOW() - %(keep)s::INTERVAL
        WHEN status IN ('job_status_failed', 'job_status_timed_out')
        THEN updated_at < NOW() - %(keep_failed)s::INTERVAL
    END,
    FALSE
)
