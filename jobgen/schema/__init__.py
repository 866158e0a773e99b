"""Tables and types, read from Schema.sql or from a database's catalogs."""
