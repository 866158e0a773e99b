"""The application's configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.db.backends.signals import connection_created

from jobgen_runtime.database.address import set_default_address
from jobgen_runtime.django.checks import check_settings
from jobgen_runtime.django.connections import DjangoConnections
from jobgen_runtime.django.database import database_address
from jobgen_runtime.django.tasks.worker import task_jobs
from jobgen_runtime.django.test_database import close_pools_of_test_database
from jobgen_runtime.project import add_hook, add_workers, set_migrate_command


class JobsConfig(AppConfig):
    """The application `jobgen_runtime.django`, with the label `jobgen`."""

    name = "jobgen_runtime.django"
    label = "jobgen"
    verbose_name = "Jobs"

    def ready(self) -> None:
        """Take the database's address from DATABASES, and the jobs from Django's Tasks."""
        set_default_address(database_address)
        add_hook(DjangoConnections)
        add_workers(task_jobs)
        set_migrate_command("python manage.py migrate")
        checks.register(check_settings)
        connection_created.connect(close_pools_of_test_database)
