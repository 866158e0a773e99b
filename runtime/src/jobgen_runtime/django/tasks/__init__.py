"""A backend for Django's Tasks, whose functions our workers run.

Django imports the backend when it imports the first `@task`, which may be before its models are
ready. So nothing here imports a model.
"""
