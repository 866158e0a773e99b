-- Ask all workers that listen to log what they run. Not if the server's notification queue fills up:
-- the commit would fail.
SELECT pg_catalog.pg_notify('job_workers', 'inspect')
WHERE pg_catalog.pg_notification_queue_usage() < 0.9
