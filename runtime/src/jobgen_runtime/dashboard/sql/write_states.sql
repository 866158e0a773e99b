-- Return a text for each table, which changes with each write to it: its counters, which a session reports up to
-- ten seconds after its commit, and its file, which TRUNCATE replaces. NULL where they do not tell: on a standby,
-- without counters, in a partitioned table or one with children, and where this snapshot may be older than they are.
SELECT
    listed.name,
    CASE
        WHEN c.relkind = 'r'
            AND NOT c.relhassubclass
            AND NOT pg_catalog.pg_is_in_recovery()
            AND pg_catalog.current_setting('track_counts')::boolean
            AND pg_catalog.current_setting('transaction_isolation') = 'read committed'
        THEN pg_catalog.concat_ws(
            ' ',
            c.oid,
            c.relfilenode,
            pg_catalog.pg_stat_get_tuples_inserted(c.oid),
            pg_catalog.pg_stat_get_tuples_updated(c.oid),
            pg_catalog.pg_stat_get_tuples_deleted(c.oid)
        )
    END
FROM unnest(%(names)s::text[]) AS listed (name)
LEFT JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(listed.name)
