"""The embedded PostgreSQL of a project."""
