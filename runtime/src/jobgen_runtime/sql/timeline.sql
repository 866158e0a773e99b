-- Which of the cluster's histories the server writes on: each promotion begins the next one.
SELECT CASE
    WHEN NOT pg_catalog.pg_is_in_recovery()
        THEN pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn())
END
