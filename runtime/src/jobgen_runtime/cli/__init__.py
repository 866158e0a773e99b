"""The commands `run-jobs`, `run-script` and `manage-jobs`."""
