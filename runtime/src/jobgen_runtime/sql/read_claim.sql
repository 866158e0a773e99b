-- Return the claim of a job as it is before the statement that this is a part of. Not with a lock: that
-- would pass over a row which the statement has changed by then.
SELECT id, locked_at, locked_by FROM {table} WHERE id = %(id)s
