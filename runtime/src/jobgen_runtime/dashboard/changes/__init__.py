"""What a POST changes: one job, many, or a new one."""
