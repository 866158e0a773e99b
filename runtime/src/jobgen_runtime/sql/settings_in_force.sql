-- Return settings of this session: numbers in the setting's own unit.
SELECT name, setting FROM pg_catalog.pg_settings WHERE name = ANY (%(names)s::TEXT[])
