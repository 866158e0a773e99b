"""Measure the dashboard: `make bench-dashboard`."""
