-- Fail at once if another session has locked the whole table.
LOCK TABLE {table} IN ROW EXCLUSIVE MODE NOWAIT
