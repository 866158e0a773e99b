-- No row means that it was paused already.
INSERT INTO {job_pauses} (table_name) VALUES ({name})
ON CONFLICT (table_name) DO NOTHING
RETURNING TRUE
