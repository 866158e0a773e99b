-- The only style of intervals that the driver can read.
SET IntervalStyle = postgres
