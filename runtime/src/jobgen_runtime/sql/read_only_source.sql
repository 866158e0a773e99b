-- Where default_transaction_read_only gets its value from: 'database', 'user', 'configuration file' and others.
SELECT source FROM pg_catalog.pg_settings WHERE name = 'default_transaction_read_only'
