"""Edits of the user's Python files by LibCST: bytes to bytes, every byte else kept."""
