-- Return the columns of a table that a constraint or unique index is about, and what a CHECK demands.
SELECT a.attname, named.check
FROM (
    SELECT conkey AS columns, CASE contype WHEN 'c' THEN pg_catalog.pg_get_constraintdef(oid, true) END AS check
    FROM pg_catalog.pg_constraint
    WHERE conrelid = %(table)s::pg_catalog.regclass AND conname = %(constraint)s
    UNION ALL
    SELECT i.indkey::int2[], NULL
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = %(table)s::pg_catalog.regclass AND c.relname = %(constraint)s
) named
JOIN pg_catalog.pg_attribute a
    ON a.attrelid = %(table)s::pg_catalog.regclass AND a.attnum = ANY (named.columns)
