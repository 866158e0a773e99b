"""Job queues on PostgreSQL beside each other, in one run on one machine: `make bench`."""
