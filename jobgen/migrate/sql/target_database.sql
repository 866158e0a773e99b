-- What a new database has to have in common with this one. The search path has the role's name in
-- place of "$user".
SELECT pg_catalog.current_schema(),
       pg_catalog.replace(pg_catalog.current_setting('search_path'), '"$user"', pg_catalog.quote_ident(current_user)),
       pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype
FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()
