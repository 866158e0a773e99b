SELECT pg_catalog.to_regclass(pg_catalog.quote_ident(current_schema()) || '.job_runtime_schema') IS NOT NULL
