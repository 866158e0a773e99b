-- The name of the current write-ahead log file, which begins with the timeline. NULL on a standby.
SELECT CASE
    WHEN NOT pg_catalog.pg_is_in_recovery()
        THEN pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn())
END
