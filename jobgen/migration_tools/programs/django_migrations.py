"""Describe the apps of a Django project: their migrations, and the tables of their models.

The request has `settings`, the module of the settings. No database is asked.
"""

import os
import sys
from operator import attrgetter
from pathlib import Path
from typing import Any

from jobgen.migration_tools.programs.answer import Refusal, answer

_RUNTIME_APP = "jobgen_runtime.django"
_META = attrgetter("_meta")


def _set_up(settings: str) -> None:
    try:
        import django
    except ImportError as error:
        raise Refusal(
            f"Django cannot be imported by {sys.executable}: {error}.",
            "Install it in the project's environment: pip install django",
        ) from None
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings)
    django.setup()


def _migrations_folder(config: Any, loader: Any) -> str | None:
    """Return the folder of an app's migrations, which may not exist; None for no migrations."""
    module, is_explicit = loader.migrations_module(config.label)
    if not is_explicit:
        return str(Path(config.path, "migrations").resolve())
    package = sys.modules.get(module) if module else None
    path = getattr(package, "__path__", None)
    return str(Path(next(iter(path))).resolve()) if path else None


def describe_project(request: dict[str, Any]) -> dict[str, Any]:
    """Return the apps, the tables of the models, and the last migration of the runtime's schema."""
    _set_up(request["settings"])
    from django.apps import apps
    from django.conf import settings
    from django.db.migrations.loader import MigrationLoader

    if not apps.is_installed(_RUNTIME_APP):
        raise Refusal(
            f'"{_RUNTIME_APP}" is not in INSTALLED_APPS of {os.environ["DJANGO_SETTINGS_MODULE"]}.',
            "Add it: its migration creates what all tables of jobs need.",
        )
    loader = MigrationLoader(None, ignore_no_migrations=True)
    names = list(loader.disk_migrations)
    return {
        "runtime": max(
            name for label, name in names if label == "jobgen" and "runtime_schema" in name
        ),
        "apps": [
            {
                "label": config.label,
                "folder": str(Path(config.path).resolve()),
                "migrations": _migrations_folder(config, loader),
                "is_migrated": config.label in loader.migrated_apps,
                "has_models": any(
                    meta.managed and not meta.proxy for meta in map(_META, config.get_models())
                ),
                "leaves": sorted(name for _, name in loader.graph.leaf_nodes(config.label)),
                "names": sorted(name for label, name in names if label == config.label),
            }
            for config in apps.get_app_configs()
        ],
        "tables": {
            meta.db_table: {
                "app": meta.app_label,
                "is_user": meta.label == settings.AUTH_USER_MODEL,
            }
            for meta in map(_META, apps.get_models(include_auto_created=True))
        },
    }


if __name__ == "__main__":
    answer(
        describe_project,
        "Django's migrations cannot be read",
        "Correct it until `python manage.py showmigrations` works.",
    )
