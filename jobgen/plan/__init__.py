"""Pure planning: a snapshot and arguments to a plan."""
