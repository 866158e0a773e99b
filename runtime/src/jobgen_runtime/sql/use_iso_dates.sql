-- The output that the driver can read; the order in which it reads dates such as 1/2/2026 stays.
SET DateStyle = ISO
