"""Sets Django up before jobs and scripts import models.

`setup` in [tool.jobgen] names this module: run-jobs, run-script, manage-jobs and the processes of
isolated jobs import it first.
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
django.setup()
