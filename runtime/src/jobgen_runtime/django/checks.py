"""What `manage.py check` says about the settings."""

from __future__ import annotations

from typing import Any

from django.core import checks

from jobgen_runtime.contract.errors import NoDatabase
from jobgen_runtime.django.database import database_address


def check_settings(**_options: Any) -> list[checks.CheckMessage]:
    """Return a warning if there is no database for jobs; it is not connected to."""
    try:
        database_address()
    except NoDatabase as error:
        return [checks.Warning(error.message, hint=error.hint, id="jobgen.W001")]
    return []
