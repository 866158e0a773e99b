"""The jobs of a list as a file."""
