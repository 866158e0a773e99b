"""Reads the text of Schema.sql into a `Schema`."""
