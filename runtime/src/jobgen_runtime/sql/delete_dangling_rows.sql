DELETE FROM {runtime_table} WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = job_table)
