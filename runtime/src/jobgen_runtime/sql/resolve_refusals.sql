-- Delete the refusals of these jobs: their transitions have succeeded.
DELETE FROM {job_refusals} WHERE job_table = {regclass}::REGCLASS AND job_id = ANY (%(ids)s::UUID[])
