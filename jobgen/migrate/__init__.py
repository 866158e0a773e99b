"""Brings a database up to Schema.sql by comparing catalogs."""
