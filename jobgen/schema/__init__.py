"""Tables and types as they are declared: from Schema.sql or from a database's catalogs."""
