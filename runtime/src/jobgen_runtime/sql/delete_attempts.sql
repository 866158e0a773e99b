-- Delete the attempts of the jobs in `deleted`, with these.
DELETE FROM {job_attempts} WHERE job_table = {regclass}::REGCLASS AND job_id IN (SELECT id FROM deleted)
