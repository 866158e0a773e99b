"""Say which database of Django's settings has the jobs.

The request has `settings`, the module of the settings; the answer has `address`.
"""

import os
from typing import Any

from jobgen.migration_tools.programs.answer import answer


def database(request: dict[str, Any]) -> dict[str, Any]:
    """Return the address of the database, as libpq reads it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", request["settings"])
    import django

    django.setup()
    from jobgen_runtime.django.database import database_address

    return {"address": database_address()}


if __name__ == "__main__":
    answer(
        database,
        "The database of Django's settings is not known",
        "Correct it until `python manage.py check` works, or set DATABASE_URL.",
    )
