SELECT id, {columns}
FROM {table}
WHERE id = ANY (%(ids)s::uuid[])
