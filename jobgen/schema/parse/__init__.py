"""The text of Schema.sql to `Schema`, by PostgreSQL 17's own grammar."""
