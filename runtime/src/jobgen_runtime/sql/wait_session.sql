-- The session that waits for the ends of jobs. A plan from before a bulk insert would read the whole
-- table. A locked table must not hold up what waits for jobs of others.
LISTEN job_ends;
SET enable_seqscan = off;
SET jit = off;
SET lock_timeout = '500ms'
