SELECT {columns}
FROM {table}
WHERE id = %(id)s
