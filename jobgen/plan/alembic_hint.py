"""How to keep Alembic from dropping the tables of jobs."""

ALEMBIC_HINT = """\
`alembic revision --autogenerate` would drop the tables of jobs and of the runtime. In Alembic's \
env.py, add this, and `include_object=include_object` to each call of context.configure():
from jobgen_runtime.alembic import include_object"""
