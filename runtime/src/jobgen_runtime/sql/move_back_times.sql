-- Move the times of all jobs of a table back, so that the clock is ahead of them by that much.
UPDATE {table}
SET
    created_at = created_at - %(by)s::INTERVAL,
    updated_at = updated_at - %(by)s::INTERVAL,
    locked_at = locked_at - %(by)s::INTERVAL,
    run_at = run_at - %(by)s::INTERVAL
