"""jobgen writes background-job modules into a Python application."""

__version__ = "0.1.0"
