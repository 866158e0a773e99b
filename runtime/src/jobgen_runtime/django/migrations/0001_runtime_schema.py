"""Install the objects that jobgen's workers and dashboard need besides the tables of jobs."""

from __future__ import annotations

from django.db import migrations

from jobgen_runtime.django.operations import InstallRuntimeSchema


class Migration(migrations.Migration):
    """The first one; the tables of jobs depend on it."""

    initial = True
    operations = [InstallRuntimeSchema(3)]  # noqa: RUF012 -- as Django declares it
