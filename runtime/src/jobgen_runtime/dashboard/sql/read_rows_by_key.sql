SELECT * FROM {table} WHERE {key} = ANY(%(keys)s)
