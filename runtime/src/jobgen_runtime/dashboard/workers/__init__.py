"""The workers, and what they run."""
