SELECT EXISTS (SELECT FROM django_migrations WHERE app = %s AND name = %s)
