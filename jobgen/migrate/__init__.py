"""Brings a database up to Schema.sql by comparing the catalogs of two databases."""
