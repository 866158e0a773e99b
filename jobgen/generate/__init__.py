"""One run of a generator: read, plan, preview, ask, apply."""
