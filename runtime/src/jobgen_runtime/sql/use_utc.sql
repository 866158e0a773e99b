-- The name that the driver recognises as UTC.
SET TimeZone = 'UTC'
