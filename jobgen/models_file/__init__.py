"""The models of the tables of jobs, for SQLAlchemy and for Django."""
