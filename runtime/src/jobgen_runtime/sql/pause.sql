-- No row means that it was paused already.
INSERT INTO {job_pauses} (job_table) VALUES ({regclass}::REGCLASS)
ON CONFLICT (job_table) DO NOTHING
RETURNING TRUE
