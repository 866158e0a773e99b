-- Return the columns of the tables that an INSERT must name: NOT NULL, and without a default.
SELECT listed.name, attname
FROM UNNEST(%(tables)s::TEXT[]) AS listed (name)
JOIN pg_catalog.pg_attribute ON attrelid = pg_catalog.to_regclass(listed.name)
WHERE attnum > 0
    AND NOT attisdropped
    AND attnotnull
    AND NOT atthasdef
    AND attidentity = ''
ORDER BY listed.name, attnum
