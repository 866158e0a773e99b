"""Reads a psql script: its meta-commands, included files, COPY rows, and statements."""
