"""Background jobs on PostgreSQL: records, worker, scripts and dashboard."""
