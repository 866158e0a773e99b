-- The schema that new objects are created in, and the whole search path.
SELECT current_schema(), current_setting('search_path')
