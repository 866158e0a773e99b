-- Return the kinds of each live worker, by the names of their tables: with the schema or without.
SELECT tables FROM job_workers WHERE expires_at > now()
