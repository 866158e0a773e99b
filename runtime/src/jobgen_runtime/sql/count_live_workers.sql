-- Count the live workers that process a table. They know it by one of `names`: with its schema or without.
SELECT COUNT(*) FROM {job_workers} WHERE expires_at > NOW() AND tables && %(names)s::TEXT[]
