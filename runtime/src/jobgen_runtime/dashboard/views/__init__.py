"""What is shown of a job table: the default views, and those of the application."""
