-- Under the name by which the driver knows it.
SET TimeZone = 'UTC'
