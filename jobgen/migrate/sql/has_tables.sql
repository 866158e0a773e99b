-- Whether there is a table besides those named. Lower numbers are those of the system's catalogs.
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_class
    WHERE oid >= 16384 AND relkind IN ('r', 'p') AND relname <> ALL (%s)
)
