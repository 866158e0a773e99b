-- Receive the notifications of wake_job_workers.
LISTEN job_workers
