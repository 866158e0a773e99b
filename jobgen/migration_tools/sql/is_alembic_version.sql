SELECT EXISTS (SELECT FROM alembic_version WHERE version_num = %s)
