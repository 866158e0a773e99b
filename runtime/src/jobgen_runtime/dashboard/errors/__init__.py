"""The failures of all kinds, grouped by their cause."""
