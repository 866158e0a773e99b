"""Django's backend for PostgreSQL with the driver psycopg2.

Django uses psycopg 3 where it is installed, so its modules are imported again without it.
"""
