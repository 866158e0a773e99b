"""Make plans: pure functions from a snapshot and arguments to a plan, without file access."""
