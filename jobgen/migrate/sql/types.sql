-- Domains, composite types and range types.
SELECT t.oid, t.oid::regtype::text AS name,
       CASE t.typtype
         WHEN 'd' THEN 'CREATE DOMAIN ' || t.oid::regtype::text || ' AS ' || format_type(t.typbasetype, t.typtypmod)
           || CASE WHEN t.typcollation <> b.typcollation THEN ' COLLATE ' || t.typcollation::regcollation::text ELSE '' END
           || coalesce(' DEFAULT ' || pg_get_expr(t.typdefaultbin, 0), '')
           || CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END
           || coalesce((SELECT string_agg(' CONSTRAINT ' || quote_ident(c.conname) || ' ' || pg_get_constraintdef(c.oid), '' ORDER BY c.conname)
                        FROM pg_constraint c WHERE c.contypid = t.oid AND c.contype = 'c'), '')
         WHEN 'c' THEN 'CREATE TYPE ' || t.oid::regtype::text || ' AS ('
           || coalesce((SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
                                 || CASE WHEN a.attcollation <> y.typcollation THEN ' COLLATE ' || a.attcollation::regcollation::text ELSE '' END,
                                 ', ' ORDER BY a.attnum)
                        FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
                        WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped), '') || ')'
         WHEN 'r' THEN 'CREATE TYPE ' || t.oid::regtype::text || ' AS RANGE (SUBTYPE = ' || format_type(r.rngsubtype, NULL)
           || CASE WHEN r.rngcollation <> 0 AND r.rngcollation <> s.typcollation THEN ', COLLATION = ' || r.rngcollation::regcollation::text ELSE '' END
           || CASE WHEN r.rngsubdiff::oid <> 0 THEN ', SUBTYPE_DIFF = ' || r.rngsubdiff::text ELSE '' END
           || ', MULTIRANGE_TYPE_NAME = ' || r.rngmultitypid::regtype::text || ')'
       END AS definition
FROM pg_type t
LEFT JOIN pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_class k ON k.oid = t.typrelid
LEFT JOIN pg_range r ON r.rngtypid = t.oid
LEFT JOIN pg_type s ON s.oid = r.rngsubtype
WHERE (t.typtype IN ('d', 'r') OR (t.typtype = 'c' AND k.relkind = 'c'))
  AND t.typnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
ORDER BY 2
