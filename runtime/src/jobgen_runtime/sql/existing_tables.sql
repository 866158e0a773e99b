-- Return those of the tables that exist.
SELECT listed.name
FROM UNNEST(%(tables)s::TEXT[]) AS listed (name)
WHERE pg_catalog.to_regclass(listed.name) IS NOT NULL
