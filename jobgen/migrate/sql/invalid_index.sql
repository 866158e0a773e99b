-- An index that an interrupted build has left, by its table and its quoted name.
SELECT i.indexrelid::pg_catalog.regclass::text
FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND i.indrelid = pg_catalog.to_regclass(%s)
  AND pg_catalog.quote_ident(c.relname) = %s
