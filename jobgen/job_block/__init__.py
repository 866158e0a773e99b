"""The block of SQL that `jobgen job` appends to Schema.sql: render, edit, find and recognise it."""
