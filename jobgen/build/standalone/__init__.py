"""Programs that contain Python, for machines without it."""
