"""The migrations of the application `jobgen`."""
