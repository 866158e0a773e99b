-- The objects that each object needs to exist first. The ownership of a sequence by a column is
-- left out, because the column needs the sequence and the owner is set afterwards.
SELECT d.classid::regclass::text AS class, d.objid AS oid, d.objsubid AS sub,
       d.refclassid::regclass::text AS needed_class, d.refobjid AS needed_oid, d.refobjsubid AS needed_sub
FROM pg_depend d
LEFT JOIN pg_class s ON d.classid = 'pg_class'::regclass AND s.oid = d.objid AND s.relkind = 'S'
WHERE d.objid >= 16384 AND d.refobjid >= 16384 AND d.deptype IN ('n', 'a', 'P', 'S', 'e')
  AND NOT (s.oid IS NOT NULL AND d.deptype = 'a')
