"""Reads a database's catalogs into a `Schema`, and runs Schema.sql in a scratch database."""
