SELECT pg_catalog.to_regclass('job_runtime_schema') IS NOT NULL
