"""The dashboard's connections, the job tables it finds, and what the database refuses."""
