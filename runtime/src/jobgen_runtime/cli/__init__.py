"""`run-jobs` and `run-script`."""
