-- Return where the job's row is, outside of any serializable transaction. Both statements are sent in one
-- message, and so they are one transaction.
SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY;
SELECT ctid::TEXT FROM {table} WHERE id = {id}::UUID
