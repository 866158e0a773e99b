-- Let no job of the kind start. No row means that the kind was paused before.
INSERT INTO {job_pauses} (job_table) VALUES ({regclass}::REGCLASS)
ON CONFLICT (job_table) DO NOTHING
RETURNING TRUE
