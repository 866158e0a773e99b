-- Return the rows of these jobs, as their record reads them.
SELECT {columns} FROM {table} WHERE id = ANY ({listed}::UUID[])
