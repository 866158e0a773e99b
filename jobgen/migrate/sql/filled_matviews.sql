-- The materialized views that have been filled.
SELECT schemaname, matviewname FROM pg_catalog.pg_matviews WHERE ispopulated
