"""A database's catalogs to `Schema`, and Schema.sql run in a scratch database."""
