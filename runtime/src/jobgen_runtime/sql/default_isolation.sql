-- Return the isolation level of the session's transactions.
SHOW default_transaction_isolation
