"""The shape of a job's table: its columns and the names of its indexes and triggers.

The generator writes the table and the runtime works on it, so both import this package. It
imports no third-party module.
"""
