DELETE FROM {job_workers} WHERE id = %(id)s
