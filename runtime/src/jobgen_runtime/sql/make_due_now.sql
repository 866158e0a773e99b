-- In a transaction, NOW() is when that began. Let jobs be due whose time has come since.
UPDATE {table}
SET run_at = NOW()
WHERE status IN ('job_status_not_started', 'job_status_retry')
    AND run_at > NOW()
    AND run_at <= CLOCK_TIMESTAMP()
