-- Return the schemas among those listed that exist but that this role may not use.
SELECT nspname::TEXT FROM pg_catalog.pg_namespace
WHERE nspname = ANY (%(names)s) AND NOT pg_catalog.has_schema_privilege(oid, 'USAGE')
ORDER BY nspname
