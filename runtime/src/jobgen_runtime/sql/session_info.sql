-- Return the role of this session, and where names without a schema are looked up.
SELECT
    current_user::TEXT AS role,
    pg_catalog.current_setting('search_path') AS search_path,
    current_schema() IS NOT NULL AS has_schema
