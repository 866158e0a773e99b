"""Sets Django up in the processes that `manage.py run_jobs` starts, by DJANGO_SETTINGS_MODULE."""

from __future__ import annotations

import django

django.setup()
