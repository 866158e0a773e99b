-- Instead of a default of the role or the database.
SET default_transaction_read_only = off
