-- Return the rights among those listed that this role does not have, for tables that exist.
SELECT name, wanted
FROM UNNEST(%(names)s::TEXT[], %(rights)s::TEXT[]) WITH ORDINALITY AS needed (name, wanted, position)
CROSS JOIN LATERAL (SELECT pg_catalog.to_regclass(name)::OID AS found) AS class
WHERE found IS NOT NULL AND NOT CASE wanted
    WHEN 'DELETE' THEN pg_catalog.has_table_privilege(found, wanted)
    -- Rights on some of the columns may be enough.
    ELSE pg_catalog.has_any_column_privilege(found, wanted)
END
ORDER BY position
