-- Return those of these rows that other sessions have locked. Locks on the rest are released at once.
WITH free AS MATERIALIZED (
    SELECT id FROM {table} WHERE id = ANY (%(ids)s::UUID[]) FOR NO KEY UPDATE SKIP LOCKED
)
SELECT id FROM {table} WHERE id = ANY (%(ids)s::UUID[]) AND id NOT IN (SELECT id FROM free)
