"""A project of Django with jobgen's application, and its settings."""

from __future__ import annotations

from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

MANAGE = """\
#!/usr/bin/env python
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
"""
SETTINGS = """\
SECRET_KEY = "of a test"
ALLOWED_HOSTS = ["127.0.0.1", "shop.test"]
DEBUG = False
USE_TZ = True
ROOT_URLCONF = "mysite.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
    "django.contrib.messages", "django.contrib.sessions", "jobgen_runtime.django",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
STATIC_URL = "static/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
"""
URLS = """\
from django.contrib import admin
from django.urls import path

urlpatterns = [path("admin/", admin.site.urls)]
"""
IMPORTS = (
    *("psycopg", "django.contrib.admin", "django.contrib.messages", "django.contrib.sessions"),
    *("django.core.management", "django.core.management.commands.migrate", "django.db.models"),
    *("django.db.backends.postgresql.base", "django.db.migrations.autodetector", "django.test"),
)
"""What Django's commands import and what needs no settings, for `tests.support.forked`."""

SQLITE = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}


def postgresql(url: str) -> dict[str, object]:
    """Return the settings of a database by its URL."""
    parts = conninfo_to_dict(url)
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host"}
    options = {name: str(parts.get(part) or "") for name, part in names.items()}
    port = str(parts.get("port") or "")
    return {"ENGINE": "django.db.backends.postgresql", **options, "PORT": port}


def write_project(folder: Path, databases: dict[str, object], settings: str = "") -> Path:
    """Write a project `mysite` with further lines of its settings, and return its folder."""
    (folder / "mysite").mkdir()
    (folder / "manage.py").write_text(MANAGE)
    text = f"{SETTINGS}DATABASES = {databases!r}\n{settings}\n"
    (folder / "mysite/settings.py").write_text(text)
    (folder / "mysite/urls.py").write_text(URLS)
    return folder
