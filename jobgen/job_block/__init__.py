"""The block of SQL that `jobgen job` appends to Schema.sql: its table, indexes and triggers."""
