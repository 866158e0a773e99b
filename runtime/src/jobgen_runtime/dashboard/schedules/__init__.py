"""The schedules of recurring jobs."""
