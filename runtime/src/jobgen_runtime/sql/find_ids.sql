-- Return the first ids of a range, by the primary key.
SELECT id FROM {table} WHERE id >= %(first)s::UUID AND id <= %(last)s::UUID ORDER BY id LIMIT %(limit)s
