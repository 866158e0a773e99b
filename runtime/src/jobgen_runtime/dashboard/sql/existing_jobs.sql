SELECT id FROM {table} WHERE id = ANY (%(ids)s::uuid[])
