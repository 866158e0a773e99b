"""The setting JOBGEN."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS

SETTING = "JOBGEN"
DATABASE, DASHBOARD = "DATABASE", "DASHBOARD"
_KEYS = (DATABASE, DASHBOARD)


def read_option(key: str) -> str | None:
    """Return an option of the setting; None if it is not set.

    Raises:
        ImproperlyConfigured: The setting is invalid.
    """
    options: object = getattr(settings, SETTING, {})
    if not isinstance(options, Mapping):
        raise ImproperlyConfigured(f"{SETTING} must be a dictionary, not {options!r}.")
    for name, value in options.items():
        if name not in _KEYS:
            raise ImproperlyConfigured(
                f"{SETTING} has no option {name!r}. Its options are {' and '.join(_KEYS)}."
            )
        if not isinstance(value, str) or not value:
            raise ImproperlyConfigured(f"{SETTING}[{name!r}] must be a text, not {value!r}.")
    found: str | None = options.get(key)
    return found


def database_alias() -> str:
    """Return the alias of the database with the jobs, in DATABASES.

    Raises:
        ImproperlyConfigured: The setting is invalid.
    """
    return read_option(DATABASE) or str(DEFAULT_DB_ALIAS)
