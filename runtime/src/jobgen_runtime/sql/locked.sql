-- Which of these rows other sessions have locked. The others' locks are let go at once.
WITH free AS MATERIALIZED (
    SELECT id FROM {table} WHERE id = ANY (%(ids)s::UUID[]) FOR NO KEY UPDATE SKIP LOCKED
)
SELECT id FROM {table} WHERE id = ANY (%(ids)s::UUID[]) AND id NOT IN (SELECT id FROM free)
