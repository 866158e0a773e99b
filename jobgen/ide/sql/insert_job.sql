INSERT INTO {table} ({columns})
VALUES ({values})
RETURNING id::text
