"""Compare job queues on PostgreSQL in one run on one machine: `make bench`."""
