-- Return the columns of a table that an INSERT must name, NOT NULL and without a default, with what a
-- value for them needs. The type of a domain is that below it.
SELECT
    column_.attname AS name,
    type.typname AS type,
    type.typtype::TEXT = 'e' AS is_enum,
    type.typcategory::TEXT = 'A' AS is_array,
    NULLIF(CASE WHEN declared.typtype = 'd' THEN declared.typtypmod ELSE column_.atttypmod END, -1)
        AS modifier,
    (
        SELECT enumlabel FROM pg_catalog.pg_enum
        WHERE enumtypid = type.oid
        ORDER BY enumsortorder
        LIMIT 1
    ) AS first_label
FROM pg_catalog.pg_attribute AS column_
JOIN pg_catalog.pg_type AS declared ON declared.oid = column_.atttypid
JOIN pg_catalog.pg_type AS type ON type.oid = COALESCE(NULLIF(declared.typbasetype, 0), declared.oid)
WHERE column_.attrelid = pg_catalog.to_regclass(%(table)s)
    AND column_.attnum > 0
    AND NOT column_.attisdropped
    AND (column_.attnotnull OR declared.typnotnull)
    AND NOT column_.atthasdef
    AND declared.typdefault IS NULL
    AND column_.attidentity = ''
ORDER BY column_.attnum
