"""The overview: what is wrong now, and each kind of job as one row."""
